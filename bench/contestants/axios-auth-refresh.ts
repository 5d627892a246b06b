import { createAuthRefresh } from 'axios-auth-refresh'
import type { Contestant } from './contestant.ts'

/** axios-auth-refresh as its README shows it: the app stores the pair, an interceptor of the app attaches it. */
function axiosAuthRefreshWith(name: string, options: { deduplicateRefresh?: boolean }): Contestant {
  return {
    name,
    protect(instances, server) {
      for (const api of instances) {
        api.interceptors.request.use((config) => {
          config.headers.set('Authorization', `Bearer ${server.stored.accessToken}`)
          return config
        })
        const refresh = async () => {
          server.stored = await server.refresh(server.stored.refreshToken)
        }
        createAuthRefresh(api, refresh, options)
      }
    },
  }
}

export const axiosAuthRefresh = axiosAuthRefreshWith('axios-auth-refresh', {})
export const axiosAuthRefreshUndeduplicated = axiosAuthRefreshWith('axios-auth-refresh, deduplicateRefresh: false', {
  deduplicateRefresh: false,
})
