import { createSession, oauth2, type Session, type SessionOptions } from 'axios-renew'
import { onTestFinished } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer, type TokenResponse } from '../../examples/servers/authorization-server.ts'

/** An authorization server, and a session that is signed in there. */
export interface Scene {
  readonly auth: AuthorizationServer
  readonly session: Session
  readonly tokens: TokenResponse
  /** Makes the access token that the session holds invalid, without the session's knowing. */
  expire(): Promise<void>
  /** Makes the refresh token that the session holds invalid. */
  withdraw(): Promise<void>
}

/** Starts it for the running test. */
export async function startScene(options: Partial<SessionOptions> = {}): Promise<Scene> {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  const { tokenEndpoint, revocationEndpoint, clientId, clientSecret } = auth
  const session = createSession({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), ...options })
  const tokens = await auth.authorize('maria')
  await session.signIn(tokens)
  return {
    auth,
    session,
    tokens,
    expire: async () => auth.expire((await session.getTokens()).accessToken),
    async withdraw() {
      const { refreshToken = '' } = await session.getTokens()
      const body = new URLSearchParams({ token: refreshToken, client_id: clientId, client_secret: clientSecret })
      await fetch(revocationEndpoint, { method: 'POST', body })
    },
  }
}

/** A point where one waits until the other comes. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
