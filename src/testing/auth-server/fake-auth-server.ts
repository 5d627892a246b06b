import { expectType } from '../../core/check-options.ts'
import { type AuthServerCounters, createEndpoints } from './endpoints.ts'
import type { Fault } from './faults.ts'
import type { Grant, TokenResponse } from './grant.ts'
import { type Listener, listen } from './listen.ts'
import { type FakeAuthServerOptions, readRules } from './read-rules.ts'

/** What is used of msw's `http`. */
export interface MswHttp<Handler> {
  /** Answers GET requests to a URL. */
  get(url: string, resolver: (info: { request: Request }) => Promise<Response>): Handler
  /** Answers POST requests to a URL. */
  post(url: string, resolver: (info: { request: Request }) => Promise<Response>): Handler
}

/** An authorization server for tests. Make one with {@link fakeAuthServer}. */
export interface FakeAuthServer {
  /** Where it is found: the option `url`, or where it listens. */
  readonly url: string
  /** The URL of the token endpoint (RFC 6749, 3.2); takes forms and JSON. */
  readonly tokenEndpoint: string
  /** The URL of the revocation endpoint (RFC 7009); by either token it takes the whole grant back. */
  readonly revocationEndpoint: string
  /** The URL of an API to try tokens on: `{ sub }` with a good token, 401 otherwise (OpenID Connect Core, 5.3). */
  readonly userinfoEndpoint: string
  /** The id of its only client: the option `clientId`. */
  readonly clientId: string
  /** The secret of its client: the option `clientSecret`. Absent for a public client. */
  readonly clientSecret?: string
  /** What it has seen until now; the numbers go on counting. */
  readonly counters: Readonly<AuthServerCounters>
  /** How long the token endpoint takes for an answer, in ms; may be changed at any time. */
  latencyMs: number
  /**
   * Gives somebody a first pair, as if they had just authorized the app.
   *
   * @param extra further fields of this answer and of all that follow it, such as `user_id`.
   */
  signIn(account?: string, extra?: Record<string, unknown>): TokenResponse
  /** Whether an access token is good right now; also the value of an `Authorization` header. */
  accepts(accessToken: string | null): boolean
  /** The 401 for a request without a good token; `undefined` for one with. For the handlers of an API. */
  challenge(request: Request): Response | undefined
  /** Makes an access token invalid at once, or all. */
  expire(accessToken?: string): void
  /** Takes a grant back, by any of its tokens, or all: refresh tokens are refused and access tokens dead. */
  revoke(token?: string): void
  /** Lets the next token requests go wrong; several calls queue up. @param times default 1; `Infinity` until `recover`. */
  fail(fault: Fault, times?: number): void
  /** Lets the answers go that hang. */
  release(): void
  /** Nothing goes wrong any more, and what hangs is let go. */
  recover(): void
  /** Answers a request as the server would; `Response.error()` stands for a lost connection. */
  handle(request: Request): Promise<Response>
  /** Handlers for msw: `setupServer(...auth.handlers(http))`. */
  handlers<Handler>(http: MswHttp<Handler>): Handler[]
  /** Listens on a free port of 127.0.0.1 (in Node); gives the URL. */
  listen(): Promise<string>
  /** Stops listening, and breaks what is still open. */
  close(): Promise<void>
}

/**
 * Makes an authorization server for tests: a strict one, with single-use refresh tokens, that counts what it sees and goes wrong on
 * demand. It answers as real ones do (RFC 6749, RFC 7009); the project's tests hold it against oidc-provider, case by case.
 *
 * Give its handlers to msw, or let it listen. Tokens are called `access-1`, `refresh-1`, `access-2` and so on, by every server.
 *
 * @throws TypeError for a wrong or unknown option.
 *
 * @example
 * const auth = fakeAuthServer()
 * await auth.listen()
 * const { tokenEndpoint, clientId, clientSecret } = auth
 * const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
 * await session.signIn(auth.signIn())
 * auth.expire()
 * // ... 100 requests at once ...
 * expect(auth.counters.tokenRequests).toBe(1)
 */
export function fakeAuthServer(options?: FakeAuthServerOptions & { clientSecret?: string }): FakeAuthServer & {
  /** The secret of its client. */
  readonly clientSecret: string
}
export function fakeAuthServer(options: FakeAuthServerOptions): FakeAuthServer
export function fakeAuthServer(options: FakeAuthServerOptions = {}): FakeAuthServer {
  const rules = readRules(options)
  const endpoints = createEndpoints(rules)
  const { counters, faults, grants, grantOf } = endpoints
  const base = new URL(rules.url).pathname.replace(/\/$/, '')
  let listening: Promise<Listener> | undefined
  let listener: Listener | undefined

  function known(where: string, token: string): Grant {
    expectType(where, token, 'string')
    const grant = grantOf(token)
    if (!grant) throw new TypeError(`${where}: expected a token of this server, got another one`)
    return grant
  }

  async function userinfo(request: Request): Promise<Response> {
    return server.challenge(request) ?? Response.json({ sub: grantOf(bearer(request.headers.get('authorization')))?.account })
  }

  async function route(request: Request): Promise<Response> {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
    // Below the path of `url`, or of the root: whatever name of the host it came by.
    const { pathname } = new URL(request.url)
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname
    const [method, answer] = routes[path] ?? []
    if (!answer) return Response.json({ error: 'not_found' }, { status: 404 })
    return request.method === method ? answer(request) : new Response(null, { status: 405, headers: { allow: String(method) } })
  }

  const routes: Readonly<Record<string, [method: string, answer: (request: Request) => Promise<Response>]>> = {
    '/token': ['POST', endpoints.token],
    '/revoke': ['POST', endpoints.revocation],
    '/userinfo': ['GET', userinfo],
  }

  const server: FakeAuthServer = {
    clientId: rules.clientId,
    clientSecret: rules.clientSecret ?? undefined,
    counters,
    get latencyMs() {
      return endpoints.latencyMs
    },
    set latencyMs(ms) {
      endpoints.latencyMs = ms
    },
    get url() {
      return listener?.url ?? rules.url
    },
    get tokenEndpoint() {
      return `${server.url}/token`
    },
    get revocationEndpoint() {
      return `${server.url}/revoke`
    },
    get userinfoEndpoint() {
      return `${server.url}/userinfo`
    },
    signIn: (account = 'user', extra = {}) => endpoints.signIn(account, extra),
    accepts: (accessToken) => grantOf(bearer(accessToken))?.accepts(bearer(accessToken)) ?? false,
    challenge(request) {
      const sent = request.headers.get('authorization')
      if (server.accepts(sent)) return undefined
      const challenge = sent ? 'Bearer realm="fake", error="invalid_token"' : 'Bearer realm="fake"'
      return Response.json({ error: 'invalid_token' }, { status: 401, headers: { 'www-authenticate': challenge } })
    },
    expire(accessToken) {
      if (accessToken === undefined) {
        for (const grant of grants) grant.expire()
        return
      }
      const grant = known('expire', accessToken)
      if (!grant.isAccessToken(accessToken)) throw new TypeError('expire: expected an access token, got a refresh token')
      grant.expire(accessToken)
    },
    revoke(token) {
      for (const grant of token === undefined ? grants : [known('revoke', token)]) grant.revoked = true
    },
    fail: (fault, times = 1) => faults.add(fault, times),
    release: faults.release,
    recover() {
      faults.clear()
      faults.release()
    },
    handle: async (request) => withCors(request, await route(request)),
    handlers: (http) => [
      http.post(server.tokenEndpoint, ({ request }) => server.handle(request)),
      http.post(server.revocationEndpoint, ({ request }) => server.handle(request)),
      http.get(server.userinfoEndpoint, ({ request }) => server.handle(request)),
    ],
    async listen() {
      listening ??= listen(server.handle)
      listener = await listening
      return listener.url
    },
    async close() {
      const open = listening
      listening = undefined
      faults.release()
      const closed = await open
      await closed?.close()
      if (listener === closed) listener = undefined
    },
  }
  return server
}

/** An access token, from the value of a header or as it is. */
function bearer(value: string | null): string {
  return (value ?? '').replace(/^Bearer /i, '')
}

/** Pages of any origin may ask: this is a server for tests. */
function withCors(request: Request, response: Response): Response {
  if (response.type === 'error') return response
  const asked = request.headers.get('access-control-request-headers')
  response.headers.set('access-control-allow-origin', '*')
  response.headers.set('access-control-expose-headers', 'www-authenticate, retry-after')
  if (asked) response.headers.set('access-control-allow-headers', asked)
  return response
}
