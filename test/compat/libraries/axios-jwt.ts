import { createRequire } from 'node:module'
import { type Library, versionOf } from './library.ts'

export const axiosJwt: Library = {
  id: 'axios-jwt',
  version: versionOf('axios-jwt'),
  refreshesOn: 'expiry',
  wire(app) {
    const { applyAuthTokenInterceptor, clearAuthTokens } = freshCopy()
    const storage = {
      get: async () => (app.stored ? JSON.stringify(app.stored) : null),
      set: async (_key: string, value: string) => {
        app.stored = JSON.parse(value)
      },
      remove: async () => {
        app.stored = undefined
      },
    }
    const requestRefresh = (refreshToken: string) => app.refresh(refreshToken)
    return {
      protect: (api) => applyAuthTokenInterceptor(api, { requestRefresh, getStorage: () => storage }),
      signOut: clearAuthTokens,
    }
  },
}

/** It keeps its state at module level: with one copy, the apps of two tests would share storage and dead-locks. */
function freshCopy(): typeof import('axios-jwt') {
  const require = createRequire(import.meta.url)
  for (const path of Object.keys(require.cache)) if (path.includes('/axios-jwt/')) delete require.cache[path]
  return require('axios-jwt')
}
