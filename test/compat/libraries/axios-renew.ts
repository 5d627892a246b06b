import { attach, createSession } from 'axios-renew'
import type { Library } from './library.ts'

/** This library. */
export const axiosRenew: Library = {
  id: 'axios-renew',
  version: 'this one',
  refreshesOn: '401',
  wire(app) {
    const session = createSession({
      refresh: ({ refreshToken }) => app.refresh(String(refreshToken)),
      load: () => app.stored,
      save: (tokens) => {
        app.stored = tokens ? { accessToken: tokens.accessToken, refreshToken: String(tokens.refreshToken) } : undefined
      },
    })
    return { protect: (api) => void attach(api, session), signOut: () => session.signOut() }
  },
}
