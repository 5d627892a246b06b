import type { Contestant } from './contestant.ts'

/** The least that anybody writes: one request interceptor, asynchronous as they are by default. No refresh. */
export const headerInterceptor: Contestant = {
  name: 'hand-written header interceptor',
  protect(instances, server) {
    for (const api of instances) {
      api.interceptors.request.use((config) => {
        config.headers.set('Authorization', `Bearer ${server.stored.accessToken}`)
        return config
      })
    }
  },
}
