import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { createSession, oauth2, type Session, type SessionOptions } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { onTestFinished } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../../../../../examples/servers/authorization-server.ts'
import { serve } from '../../../../support/attached.ts'
import { serveTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts'

/** A request as it arrived at the API. */
export interface Seen {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingMessage['headers']
  body: string
  status: number
}

/** Answers a request whose token is good. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

/** An API that wants a token, a real authorization server, and a session between them. */
export interface Scene {
  /** Where the API is. */
  readonly url: string
  readonly auth: AuthorizationServer
  readonly tokenEndpoint: TokenEndpoint
  readonly session: Session
  /** What a package is given as its `fetch`. */
  readonly fetch: typeof fetch
  /** Every request of the API, in order. */
  readonly seen: Seen[]
  /** How many of them were answered so. */
  count(status: number): number
  /** Whether a log that printed this would show the access token. */
  showsToken(value: unknown): Promise<boolean>
}

/** What a session starts with. */
export interface SceneOptions extends Partial<SessionOptions> {
  /** Who signed in, and what has become of it since. Default `'expired'`: the access token is refused. */
  start?: 'valid' | 'expired' | 'without access token' | 'revoked'
}

const echo: Answer = (_request, response, body) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ body }))

/** Sets a scene for one test. */
export async function setScene(answer: Answer = echo, { start = 'expired', ...options }: SceneOptions = {}): Promise<Scene> {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  const tokenEndpoint = await serveTokenEndpoint(auth)
  const seen: Seen[] = []
  const url = await serve((request, response) => {
    guard(request, response).catch((error) => response.destroy(error))
  })

  async function guard(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const good = await auth.accepts(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body, status: good ? 0 : 401 }
    seen.push(entry)
    response.on('finish', () => {
      entry.status = response.statusCode
    })
    if (good) await answer(request, response, body)
    else response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"token expired"}')
  }

  const { access_token, ...rest } = await auth.authorize('ada')
  if (start !== 'valid') await auth.expire(access_token)
  if (start === 'revoked') await revoke(auth, rest.refresh_token)
  const session = createSession({
    ...oauth2({ tokenEndpoint: tokenEndpoint.url, clientId: auth.clientId, clientSecret: auth.clientSecret }),
    tokens: start === 'without access token' ? { refresh_token: rest.refresh_token } : { access_token, ...rest, issued_at: Date.now() },
    ...options,
  })
  return {
    url,
    auth,
    tokenEndpoint,
    session,
    fetch: authFetch(session, { origins: [url] }),
    seen,
    showsToken: async (value) => inspect(value, { depth: 10, showHidden: true }).includes((await session.getTokens()).accessToken),
    count: (status) => seen.filter((request) => request.status === status).length,
  }
}

async function revoke(auth: AuthorizationServer, token: string): Promise<void> {
  const form = { token, client_id: auth.clientId, client_secret: auth.clientSecret }
  await fetch(auth.revocationEndpoint, { method: 'POST', body: new URLSearchParams(form) })
}

/** What the authorization server has counted when one token request was all there was. */
export const ONE_REFRESH = { tokenRequests: 1, refreshes: 1, reused: 0, grantsRevoked: 0 }

/** `n` times. */
export function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i))
}
