import type { AxiosError } from 'axios'
import { type AxiosAuthRefreshOptions, createAuthRefresh } from 'axios-auth-refresh'
import { type Library, versionOf } from './library.ts'

/** With its default options, and with the one that many set because of them. */
export const axiosAuthRefresh = withOptions('axios-auth-refresh', {})
export const axiosAuthRefreshUndeduplicated = withOptions('axios-auth-refresh, deduplicateRefresh: false', { deduplicateRefresh: false })

function withOptions(id: string, options: AxiosAuthRefreshOptions): Library {
  return {
    id,
    version: versionOf('axios-auth-refresh'),
    refreshesOn: '401',
    wire(app) {
      const refresh = async (failed: AxiosError) => {
        app.stored = await app.refresh(String(app.stored?.refreshToken))
        failed.response?.config.headers.set('Authorization', `Bearer ${app.stored.accessToken}`)
      }
      return {
        protect(api) {
          api.interceptors.request.use((config) => {
            if (app.stored) config.headers.set('Authorization', `Bearer ${app.stored.accessToken}`)
            return config
          })
          createAuthRefresh(api, refresh, options)
        },
        async signOut() {
          app.stored = undefined
        },
      }
    },
  }
}
