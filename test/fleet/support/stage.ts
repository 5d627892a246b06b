import { oauth2 } from 'axios-renew'
import { onTestFinished } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../../../examples/servers/authorization-server.ts'
import { type PaymentsApi, startPaymentsApi } from '../../../examples/servers/payments-api.ts'
import { type Gate, startGate } from '../../failures/processes/support/gate.ts'
import { type Backend, stored } from './backends.ts'

/** What the authorization server has seen. */
export interface Seen {
  tokenRequests: number
  /** Those of them that were answered with tokens. */
  refreshes: number
  /** Refresh tokens that came a second time. */
  reused: number
  grantsRevoked: number
}

/** A strict authorization server, and an API that asks it about every token. */
export interface Stage {
  readonly auth: AuthorizationServer
  readonly api: PaymentsApi
  /** The way to the token endpoint, where requests and answers can be held. */
  readonly gate: Gate
  /** Where processes send their token requests: by default not through the gate. */
  readonly tokenEndpoint: string
  seen(): Seen
  /** So many accounts that have just signed in: their first pairs are in the store, and their access tokens are out of date on request. */
  signIn(backend: Backend, count: number, state?: 'valid' | 'expired'): Promise<string[]>
  /** Makes the access tokens that are stored invalid at once; only a 401 tells. */
  expire(backend: Backend, accounts: readonly string[]): Promise<void>
}

/** An hour, in ms. */
const HOUR = 3_600_000

/** No two tests of a file use the same accounts. */
let signedIn = 0

/** Starts the servers for one test; they stop with it. */
export async function startStage({ gated = false } = {}): Promise<Stage> {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  const api = await startPaymentsApi({ accepts: auth.accepts })
  onTestFinished(() => api.close())
  const gate = await startGate(auth.tokenEndpoint)
  const tokenEndpoint = gated ? gate.url : auth.tokenEndpoint
  const { client } = oauth2({ tokenEndpoint, clientId: auth.clientId, clientSecret: auth.clientSecret })

  async function signIn(backend: Backend, account: string, age: number): Promise<void> {
    const { access_token: accessToken, refresh_token: refreshToken } = await auth.authorize(account)
    const issuedAt = Date.now() - age
    const tokens = { accessToken, refreshToken, issuedAt, expiresAt: issuedAt + HOUR }
    await backend.store.write(account, { tokens, generation: 1, lineage: `the sign-in of ${account}`, client }, null)
  }

  return {
    auth,
    api,
    gate,
    tokenEndpoint,
    seen: () => ({ ...auth.counters }),
    async signIn(backend, count, state = 'valid') {
      const accounts = Array.from({ length: count }, () => `seller-${++signedIn}`)
      for (const account of accounts) await signIn(backend, account, state === 'valid' ? 0 : 2 * HOUR)
      return accounts
    },
    async expire(backend, accounts) {
      for (const account of accounts) await auth.expire(String((await stored(backend, account)).tokens?.accessToken))
    },
  }
}

/** What the server has seen when each of so many refresh tokens was used once. */
export function eachOnce(refreshes: number): Seen {
  return { tokenRequests: refreshes, refreshes, reused: 0, grantsRevoked: 0 }
}
