import { applyAuthTokenInterceptor } from 'axios-auth-refresh-queue'
import { type Library, versionOf } from './library.ts'

export const axiosAuthRefreshQueue: Library = {
  id: 'axios-auth-refresh-queue',
  version: versionOf('axios-auth-refresh-queue'),
  refreshesOn: '401',
  wire(app) {
    const signOut = async () => {
      app.stored = undefined
    }
    const protect: ReturnType<Library['wire']>['protect'] = (api) =>
      applyAuthTokenInterceptor(api, {
        headerTokenHandler(request) {
          if (app.stored) request.headers.set('Authorization', `Bearer ${app.stored.accessToken}`)
        },
        getRefreshToken: () => app.stored?.refreshToken,
        requestRefresh: (refreshToken) => app.refresh(String(refreshToken)),
        onSuccess({ accessToken, refreshToken }) {
          app.stored = { accessToken, refreshToken: String(refreshToken) }
        },
        onFailure: signOut,
      })
    return { protect, signOut }
  },
}
