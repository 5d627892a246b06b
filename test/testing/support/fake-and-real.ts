import { fakeAuthServer } from 'axios-renew/testing'
import { onTestFinished } from 'vitest'
import { startAuthorizationServer } from '../../../examples/servers/authorization-server.ts'

/** An authorization server as a client sees it from outside. */
export interface Subject {
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  /** An API that wants an access token. */
  readonly userinfoEndpoint: string
  readonly clientId: string
  readonly clientSecret: string
  signIn(account: string): Promise<{ access_token: string; refresh_token?: string }>
  /** Makes an access token invalid. */
  expire(accessToken: string): Promise<void>
  readonly counters: { tokenRequests: number; refreshes: number; reused: number; grantsRevoked: number }
}

/** The one that is held against the other. */
export async function startFake(): Promise<Subject> {
  const auth = fakeAuthServer()
  await auth.listen()
  onTestFinished(() => auth.close())
  return {
    tokenEndpoint: auth.tokenEndpoint,
    revocationEndpoint: auth.revocationEndpoint,
    userinfoEndpoint: auth.userinfoEndpoint,
    clientId: auth.clientId,
    clientSecret: String(auth.clientSecret),
    counters: auth.counters,
    signIn: async (account) => auth.signIn(account),
    expire: async (token) => auth.expire(token),
  }
}

/** oidc-provider: a certified authorization server, with rotation and reuse detection. */
export async function startReal(): Promise<Subject> {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  return {
    tokenEndpoint: auth.tokenEndpoint,
    revocationEndpoint: auth.revocationEndpoint,
    userinfoEndpoint: `${auth.url}/me`,
    clientId: auth.clientId,
    clientSecret: auth.clientSecret,
    counters: auth.counters,
    signIn: (account) => auth.authorize(account),
    expire: (token) => auth.expire(token),
  }
}
