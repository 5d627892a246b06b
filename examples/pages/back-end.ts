import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Lifetimes, startAuthorizationServer, type TokenResponse } from '../servers/authorization-server.ts'
import { readText } from '../servers/listen.ts'

/** What the back end has seen. */
export interface BackEndCounters {
  signIns: number
  tokenRequests: number
  /** Requests to the API, and those of them that were refused. */
  requests: number
  refusals: number
}

/** What is behind the pages: an API, and before the tokens a strict authorization server. */
export interface BackEnd {
  readonly counters: BackEndCounters
  /** Answers a request, if it is one for the back end. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Makes all access tokens invalid at once, as if their time were over. */
  expire(): Promise<void>
  /** Refuses everybody's refresh token from now on, as when an administrator locks them out; their access tokens too. */
  lockOut(): Promise<void>
  close(): Promise<void>
}

/** The password of everybody. */
export const PASSWORD = 'open sesame'

const ITEMS = ['a lamp of brass', 'forty jars of oil', 'a flying carpet', 'a mule', 'six bags of gold']

/**
 * Starts the back end:
 * - `POST /auth/sign-in` `{ user, password }` gives the first tokens, 403 when that is not the password;
 * - `POST /auth/refresh` `{ refreshToken }` gives the next ones, 401 when it is no good;
 * - `GET /api/orders/<id>` wants an access token;
 * - `/lab/...` is for whoever watches: the counters, and ways to make trouble.
 */
export async function startBackEnd(lifetimes?: Lifetimes): Promise<BackEnd> {
  const auth = await startAuthorizationServer(lifetimes)
  const counters: BackEndCounters = { signIns: 0, tokenRequests: 0, requests: 0, refusals: 0 }
  /** The newest pair of each sign-in, by its refresh token. */
  const pairs = new Map<string, TokenResponse & { user: string }>()

  function give(response: ServerResponse, user: string, tokens: TokenResponse): void {
    pairs.set(tokens.refresh_token, { ...tokens, user })
    const { access_token, refresh_token, expires_in } = tokens
    reply(response, 200, { accessToken: access_token, refreshToken: refresh_token, expiresIn: expires_in })
  }

  async function askTruth(endpoint: string, form: Record<string, string>): Promise<Response> {
    const { clientId: client_id, clientSecret: client_secret } = auth
    return fetch(endpoint, { method: 'POST', body: new URLSearchParams({ client_id, client_secret, ...form }) })
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { user, password } = await readJson(request)
    if (!user || password !== PASSWORD) return reply(response, 403, {})
    counters.signIns++
    give(response, user, await auth.authorize(user))
  }

  async function refresh(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counters.tokenRequests++
    const { refreshToken = '' } = await readJson(request)
    const answer = await askTruth(auth.tokenEndpoint, { grant_type: 'refresh_token', refresh_token: refreshToken })
    const user = pairs.get(refreshToken)?.user
    if (!answer.ok || !user) return reply(response, 401, { error: 'invalid_grant' })
    pairs.delete(refreshToken)
    give(response, user, (await answer.json()) as TokenResponse)
  }

  async function order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counters.requests++
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    const buyer = [...pairs.values()].find(({ access_token }) => access_token === token)?.user
    if (!buyer || !(await auth.accepts(token))) {
      counters.refusals++
      return reply(response, 401, {})
    }
    const id = request.url?.split('/').pop() ?? ''
    reply(response, 200, { id, buyer, item: ITEMS[Number(id) - 1] ?? 'nothing yet' })
  }

  const expire = async () => {
    await Promise.all([...pairs.values()].map(({ access_token }) => auth.expire(access_token)))
  }
  const lockOut = async () => {
    await Promise.all([...pairs.keys()].map((token) => askTruth(auth.revocationEndpoint, { token })))
    await expire()
  }
  const routes: [RegExp, (request: IncomingMessage, response: ServerResponse) => Promise<void> | void][] = [
    [/^POST \/auth\/sign-in$/, signIn],
    [/^POST \/auth\/refresh$/, refresh],
    [/^GET \/api\/orders\/\w+$/, order],
    [/^GET \/lab\/counters$/, (_, response) => reply(response, 200, counters)],
    [/^POST \/lab\/expire$/, (_, response) => expire().then(() => reply(response, 204))],
    [/^POST \/lab\/lock-out$/, (_, response) => lockOut().then(() => reply(response, 204))],
  ]

  return {
    counters,
    expire,
    lockOut,
    async answer(request, response) {
      const route = routes.find(([pattern]) => pattern.test(`${request.method} ${request.url}`))
      await route?.[1](request, response)
      return route !== undefined
    },
    close: () => auth.close(),
  }
}

function reply(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body && JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  return JSON.parse((await readText(request)) || '{}')
}
