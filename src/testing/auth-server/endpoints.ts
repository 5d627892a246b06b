import { createFaults, type Faults } from './faults.ts'
import { Grant, type TokenResponse } from './grant.ts'
import { oauthError, readRequest } from './read-request.ts'
import type { AuthServerRules } from './read-rules.ts'

/** What a `FakeAuthServer` has seen. */
export interface AuthServerCounters {
  /** Requests to the token endpoint, those that went wrong included. */
  tokenRequests: number
  /** Token requests under way at once, at most. */
  mostAtOnce: number
  /** Token requests on which it acted by giving tokens. */
  refreshes: number
  /** Refresh tokens that came again after they were used. */
  reused: number
  /** Grants that were revoked because of that. */
  grantsRevoked: number
  /** Requests to the revocation endpoint. */
  revocations: number
}

/** The server without its addresses. */
export interface Endpoints {
  readonly counters: AuthServerCounters
  readonly faults: Faults
  readonly grants: readonly Grant[]
  latencyMs: number
  signIn(account: string, extra: Record<string, unknown>): TokenResponse
  grantOf(token: string): Grant | undefined
  token(request: Request): Promise<Response>
  revocation(request: Request): Promise<Response>
}

export function createEndpoints(rules: AuthServerRules): Endpoints {
  const counters: AuthServerCounters = { tokenRequests: 0, mostAtOnce: 0, refreshes: 0, reused: 0, grantsRevoked: 0, revocations: 0 }
  const grants: Grant[] = []
  let names = 0
  let underWay = 0

  async function exchange(request: Request): Promise<Response> {
    const sent = await readRequest(rules, request)
    if (sent instanceof Response) return sent
    const { grant_type, refresh_token } = sent
    if (!grant_type) return oauthError('invalid_request', "missing required parameter 'grant_type'")
    if (grant_type !== 'refresh_token') return oauthError('unsupported_grant_type', 'only refresh_token is supported')
    if (!refresh_token) return oauthError('invalid_request', "missing required parameter 'refresh_token'")
    const { answer, reused, revokedGrant } = endpoints.grantOf(refresh_token)?.exchange(refresh_token) ?? {}
    if (reused) counters.reused++
    if (revokedGrant) counters.grantsRevoked++
    if (!answer) return oauthError('invalid_grant', 'the refresh token is unknown, used or revoked')
    counters.refreshes++
    return Response.json(answer, { headers: { 'cache-control': 'no-store' } })
  }

  const endpoints: Endpoints = {
    counters,
    grants,
    faults: createFaults(),
    latencyMs: rules.latencyMs,
    grantOf: (token) => grants.find((grant) => grant.knows(token)),
    signIn(account, extra) {
      const grant = new Grant(account, extra, rules, () => ++names)
      grants.push(grant)
      return grant.issue()
    },
    async token(request) {
      counters.tokenRequests++
      counters.mostAtOnce = Math.max(counters.mostAtOnce, ++underWay)
      try {
        return await endpoints.faults.answer(async () => {
          const response = await exchange(request)
          const { latencyMs } = endpoints
          if (latencyMs > 0) await new Promise<void>((resolve) => void rules.clock.setTimeout(resolve, latencyMs))
          return response
        })
      } finally {
        underWay--
      }
    },
    async revocation(request) {
      counters.revocations++
      const sent = await readRequest(rules, request)
      if (sent instanceof Response) return sent
      if (!sent.token) return oauthError('invalid_request', "missing required parameter 'token'")
      // By either of its tokens (RFC 7009, 2.1).
      const grant = endpoints.grantOf(sent.token)
      if (grant) grant.revoked = true
      return new Response()
    },
  }
  return endpoints
}
