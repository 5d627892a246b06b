import type { InternalAxiosRequestConfig } from 'axios'
import { AxiosError } from 'axios'
import type { Contestant } from './contestant.ts'

/** The good kind of the interceptor everybody writes: one refresh promise for all instances, replay by `api(config)`. */
export const sharedPromise: Contestant = {
  name: 'hand-written shared promise',
  protect(instances, server) {
    let refreshing: Promise<void> | undefined
    async function refresh(): Promise<void> {
      server.stored = await server.refresh(server.stored.refreshToken)
    }
    for (const api of instances) {
      api.interceptors.request.use((config) => {
        config.headers.set('Authorization', `Bearer ${server.stored.accessToken}`)
        return config
      })
      api.interceptors.response.use(undefined, async (error: unknown) => {
        if (!(error instanceof AxiosError) || error.response?.status !== 401 || !error.config) throw error
        const config: InternalAxiosRequestConfig & { retried?: boolean } = error.config
        if (config.retried) throw error
        config.retried = true
        refreshing ??= refresh().finally(() => {
          refreshing = undefined
        })
        await refreshing
        return api(config)
      })
    }
  },
}
