import { applyAuthTokenInterceptor } from 'axios-auth-refresh-queue'
import type { Contestant } from './contestant.ts'

/** axios-auth-refresh-queue as its README shows it. */
export const axiosAuthRefreshQueue: Contestant = {
  name: 'axios-auth-refresh-queue',
  protect(instances, server) {
    for (const api of instances) {
      applyAuthTokenInterceptor(api, {
        headerTokenHandler: (request) => {
          request.headers.set('Authorization', `Bearer ${server.stored.accessToken}`)
        },
        getRefreshToken: () => server.stored.refreshToken,
        requestRefresh: (refreshToken) => server.refresh(String(refreshToken)),
        onSuccess: ({ accessToken, refreshToken }) => {
          server.stored = { accessToken, refreshToken: String(refreshToken) }
        },
        onFailure: () => {},
      })
    }
  },
}
