import { applyAuthTokenInterceptor } from 'axios-jwt'
import type { Contestant } from './contestant.ts'

/** axios-jwt as its README shows it, with a storage in memory: it refreshes when the access token has expired, never on a 401. */
export const axiosJwt: Contestant = {
  name: 'axios-jwt',
  needsJwt: true,
  protect(instances, server) {
    // It writes one string, under one key.
    let kept = JSON.stringify(server.stored)
    const storage = {
      get: async () => kept,
      set: async (_key: string, value: string) => {
        kept = value
      },
      remove: async () => {},
    }
    const requestRefresh = (refreshToken: string) => server.refresh(refreshToken)
    for (const api of instances) applyAuthTokenInterceptor(api, { requestRefresh, getStorage: () => storage })
  },
}
