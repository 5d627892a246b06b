import { type AuthorizationServer, startAuthorizationServer, type TokenResponse } from '../../servers/authorization-server.ts'
import { startPaymentsApi } from '../../servers/payments-api.ts'
import { SERVICES, type Service } from '../names.ts'

/** Answers of the services take up to this, in ms: some 401s come when the refresh is long done. */
const LATENCY_MS: Record<Service, number> = { payments: 300, orders: 450, customers: 600 }

/** What the servers of a lane have counted. */
export interface LaneCounters {
  /** Requests that reached the token endpoint. */
  tokenRequests: number
  /** Refresh tokens that came a second time. */
  reused: number
  /** Grants that were revoked because of it. */
  grantsLost: number
  ok: number
  unauthorized: number
}

/** Tokens with the number by which a page may name them. */
export type NumberedTokens = TokenResponse & { pair: number }

/** An authorization server and three services: what one contestant has to itself. */
export interface Lane {
  readonly auth: AuthorizationServer
  readonly services: Readonly<Record<Service, string>>
  counters(): LaneCounters
  /** The numbers of the pairs whose access token is good right now. */
  goodPairs(): Promise<number[]>
  /** Gives a new grant. `expired`: its access token is no good any more. */
  signIn(options: { expired: boolean }): Promise<NumberedTokens>
  /** Sends a form to the token endpoint, and numbers the pair in the answer. */
  token(form: string): Promise<{ status: number; body: unknown }>
  /** Sends a form to the revocation endpoint (RFC 7009). */
  revocation(form: string): Promise<number>
  /** Makes all access tokens invalid, as if their time were over. */
  expire(): Promise<void>
  /** Takes all grants back, as an administrator would. */
  revoke(): Promise<void>
  close(): Promise<void>
}

/** Starts the servers of a contestant, on loopback. */
export async function startLane(): Promise<Lane> {
  const auth = await startAuthorizationServer()
  const apis = await Promise.all(
    SERVICES.map((service) => startPaymentsApi({ accepts: auth.accepts, latencyMs: LATENCY_MS[service], cors: true })),
  )
  /** Access tokens, and the number of their pair. */
  const numbers = new Map<string, number>()
  /** The newest refresh token of each grant, by its user. */
  const grants = new Map<string, string>()
  const lost = new Set<string>()
  let pairs = 0
  let users = 0

  function number(tokens: TokenResponse, user: string): NumberedTokens {
    grants.set(user, tokens.refresh_token)
    numbers.set(tokens.access_token, ++pairs)
    const { access_token, refresh_token, token_type, expires_in, scope } = tokens
    return { access_token, refresh_token, token_type, expires_in, scope, pair: pairs }
  }

  async function expire(): Promise<void> {
    await Promise.all([...numbers.keys()].map((token) => auth.expire(token)))
    numbers.clear()
  }

  const post = (endpoint: string, form: string) => fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })
  /** Whose refresh tokens were sent, spent ones too. */
  const owners = new Map<string, string>()
  const total = (name: 'ok' | 'unauthorized') => apis.reduce((sum, { counters }) => sum + counters[name], 0)

  return {
    auth,
    services: Object.fromEntries(SERVICES.map((service, index) => [service, apis[index]?.url])) as Record<Service, string>,
    counters() {
      const { tokenRequests, reused } = auth.counters
      return { tokenRequests, reused, grantsLost: lost.size, ok: total('ok'), unauthorized: total('unauthorized') }
    },
    async goodPairs() {
      const found = await Promise.all([...numbers].map(async ([token, pair]) => ((await auth.accepts(token)) ? pair : 0)))
      return found.filter(Boolean)
    },
    async signIn({ expired }) {
      const user = `maria-${++users}`
      const tokens = await auth.authorize(user, auth.publicClientId)
      owners.set(tokens.refresh_token, user)
      if (expired) await auth.expire(tokens.access_token)
      return number(tokens, user)
    },
    async token(form) {
      const sent = new URLSearchParams(form).get('refresh_token') ?? ''
      const user = owners.get(sent) ?? ''
      const wasAlive = await auth.grantAlive(user)
      const answer = await post(auth.tokenEndpoint, form)
      const body = await answer.json()
      if (wasAlive && !answer.ok && !(await auth.grantAlive(user))) lost.add(user)
      if (!answer.ok) return { status: answer.status, body }
      owners.set(body.refresh_token, user)
      return { status: 200, body: number(body, user) }
    },
    revocation: async (form) => (await post(auth.revocationEndpoint, form)).status,
    expire,
    async revoke() {
      const forms = [...grants.values()].map((token) => `${new URLSearchParams({ client_id: auth.publicClientId, token })}`)
      await Promise.all(forms.map((form) => post(auth.revocationEndpoint, form)))
      grants.clear()
      await expire()
    },
    async close() {
      await Promise.all([auth, ...apis].map((server) => server.close()))
    },
  }
}
