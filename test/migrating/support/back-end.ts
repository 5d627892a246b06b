import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type FakeAuthServer, fakeAuthServer } from 'axios-renew/testing'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../../examples/servers/listen.ts'
import { Gate } from './gate.ts'

/** A pair, as the back end gives it and as apps store it. */
export interface Pair {
  accessToken: string
  refreshToken: string
}

/** The back end of the apps in the guides, before a strict authorization server. */
export interface BackEnd {
  readonly url: string
  /** Its refresh tokens work once; one that comes again revokes the grant. */
  readonly auth: FakeAuthServer
  /** What the API has answered. */
  readonly answers: { ok: number; unauthorized: number }
  /** Whether it keeps refresh tokens in the cookie of its one browser; `false` at first. */
  cookies: boolean
  /** The `Authorization` headers that came to the API. */
  readonly authorizations: (string | undefined)[]
  /** Holds up the 401s of the API. */
  readonly refusals: Gate
  /** Holds up the answers to token requests. */
  readonly refreshes: Gate
  /** The status with which it refuses a refresh token. */
  refusal: number
  /** The status with which it refuses an access token. */
  challenge: number
  /** And what it says then. */
  code: string
  /** Page scripts, by path: for tests with a browser. */
  readonly scripts: Map<string, string>
  /** What the authorization server calls an access token. */
  nameOf(accessToken: string): string
  /** A first pair. @param seconds how long its access token says that it lives; negative: it is over. */
  signIn(seconds?: number): Pair
}

/**
 * Starts it:
 * - `POST /auth/login` gives a pair;
 * - `POST /auth/refresh` `{ refreshToken }` gives the next;
 * - everything else is the API.
 *
 * Access tokens are JWTs, as with most back ends, and one of the libraries reads them.
 */
export async function startBackEnd(): Promise<BackEnd> {
  const auth = fakeAuthServer()
  /** Stands for the browser's cookie, so that the tests need none. */
  let cookie: string | undefined

  function issue(answer: { access_token: string; refresh_token?: string }, seconds = 3600): Pair {
    const now = Math.floor(Date.now() / 1000)
    const claims = { jti: answer.access_token, sub: 'maria', iat: Math.min(now, now + seconds - 60), exp: now + seconds }
    const refreshToken = String(answer.refresh_token)
    return { accessToken: jwt(claims), refreshToken }
  }

  async function refresh(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { refreshToken } = JSON.parse((await readText(request)) || '{}')
    const sent = backEnd.cookies ? cookie : refreshToken
    const { tokenEndpoint, clientId, clientSecret = '' } = auth
    const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: String(sent) }
    const answer = await auth.handle(new Request(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) }))
    await backEnd.refreshes.pass()
    if (!answer.ok) return reply(response, backEnd.refusal, { message: 'sign in again' })
    give(response, issue(await answer.json()))
  }

  function give(response: ServerResponse, { accessToken, refreshToken }: Pair): void {
    cookie = refreshToken
    reply(response, 200, backEnd.cookies ? { accessToken } : { accessToken, refreshToken })
  }

  async function api({ headers, url, method }: IncomingMessage, response: ServerResponse): Promise<void> {
    backEnd.authorizations.push(headers.authorization)
    const sent = headers['x-token'] ?? headers.authorization?.replace(/^Bearer /, '')
    const good = auth.accepts(named(String(sent)))
    if (!good) await backEnd.refusals.pass()
    backEnd.answers[good ? 'ok' : 'unauthorized']++
    reply(response, good ? 200 : backEnd.challenge, good ? { url, method } : { code: backEnd.code })
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error) => response.destroy(error))
  })
  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${request.url}`
    if (path === '/auth/login') return give(response, backEnd.signIn())
    if (path === '/auth/refresh') return refresh(request, response)
    const script = backEnd.scripts.get(path)
    if (script === undefined) return api(request, response)
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>${path}</title><script>${script}</script>`)
  }

  const backEnd: BackEnd = {
    url: await listen(server),
    auth,
    answers: { ok: 0, unauthorized: 0 },
    authorizations: [],
    cookies: false,
    refusals: new Gate(),
    refreshes: new Gate(),
    refusal: 401,
    challenge: 401,
    code: 'token_expired',
    scripts: new Map(),
    nameOf: named,
    signIn: (seconds) => issue(auth.signIn(), seconds),
  }
  onTestFinished(() => close(server))
  return backEnd
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function jwt(claims: object): string {
  return [{ alg: 'none' }, claims, 'none'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}

/** The authorization server's own name of an access token. */
function named(accessToken: string): string {
  try {
    return JSON.parse(Buffer.from(String(accessToken.split('.')[1]), 'base64url').toString()).jti
  } catch {
    return ''
  }
}
