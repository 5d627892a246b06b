import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AuthorizationServer, startAuthorizationServer, type TokenResponse } from './authorization-server.ts'
import { close, listen, readText } from './listen.ts'

/** A back end of one's own, with an authorization server behind it. */
export interface ShopBackEnd {
  readonly url: string
  readonly auth: AuthorizationServer
  close(): Promise<void>
}

/** Settings of {@link startShopBackEnd}. */
export interface ShopBackEndOptions {
  /** How a browser gets its refresh token: in the body as `refreshToken`, or in an HttpOnly cookie. Default `'body'`. */
  refreshTokenIn?: 'body' | 'cookie'
}

/**
 * Starts a back end as web apps have them, with answers in camelCase:
 * - `POST /auth/sign-in` `{ user }` gives the first tokens;
 * - `POST /auth/refresh` gives the next ones, 401 when the refresh token is no good, 204 when there is no cookie;
 * - `POST /auth/sign-out` takes the cookie back;
 * - `GET /me` wants an access token.
 */
export async function startShopBackEnd({ refreshTokenIn = 'body' }: ShopBackEndOptions = {}): Promise<ShopBackEnd> {
  const auth = await startAuthorizationServer()

  function give(response: ServerResponse, { access_token, refresh_token, expires_in }: TokenResponse): void {
    const inCookie = refreshTokenIn === 'cookie'
    if (inCookie) response.setHeader('Set-Cookie', `refresh=${refresh_token}; HttpOnly; Secure; SameSite=Strict; Path=/auth`)
    const tokens = { accessToken: access_token, expiresIn: expires_in }
    reply(response, 200, inCookie ? tokens : { ...tokens, refreshToken: refresh_token })
  }

  async function refresh(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request)
    const sent = refreshTokenIn === 'body' ? body.refreshToken : /refresh=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    if (!sent && refreshTokenIn === 'cookie') return reply(response, 204)
    const { clientId, clientSecret, tokenEndpoint } = auth
    const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: sent ?? '' }
    const answer = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })
    if (!answer.ok) return reply(response, 401, { message: 'sign in again' })
    give(response, (await answer.json()) as TokenResponse)
  }

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    'POST /auth/sign-in': async (request, response) => give(response, await auth.authorize((await readJson(request)).user ?? '')),
    'POST /auth/refresh': refresh,
    'POST /auth/sign-out': async (_, response) => {
      response.setHeader('Set-Cookie', 'refresh=; Max-Age=0; Path=/auth')
      reply(response, 204)
    },
    'GET /me': async (request, response) => {
      const good = await auth.accepts(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
      reply(response, good ? 200 : 401, good ? { name: 'Maria' } : { message: 'token expired' })
    },
  }
  const server = createServer((request, response) => {
    const route = routes[`${request.method} ${request.url}`]
    if (!route) return reply(response, 404)
    route(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  return {
    url,
    auth,
    async close() {
      await close(server)
      await auth.close()
    },
  }
}

function reply(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  return JSON.parse((await readText(request)) || '{}')
}
