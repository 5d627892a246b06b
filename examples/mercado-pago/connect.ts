import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import axios from 'axios'
import type { SessionPool } from 'axios-renew'
import type { Config } from './config.ts'

/** The seller came back, and is not connected. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError'
  readonly status = 400
}

/** Where to send the seller, and what their browser is to keep meanwhile. `owner` is who asks: a user of the marketplace. */
export function startConnecting(config: Config, owner: string) {
  const { authorizationPage, clientId, redirectUrl } = config
  const state = randomBytes(24).toString('base64url')
  const verifier = randomBytes(48).toString('base64url') // 64 characters; 43 to 128 are allowed
  const url = new URL(authorizationPage)
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    platform_id: 'mp',
    state,
    redirect_uri: redirectUrl, // exactly as in the application
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  return { url: url.href, kept: `${state}.${verifier}.${sealOf(config, state, verifier, owner)}` }
}

/** Ties what a browser keeps to who has asked: planted in the browser of another user, it is worthless. */
function sealOf({ clientSecret }: Config, state: string, verifier: string, owner: string): string {
  return createHmac('sha256', clientSecret).update(`connecting.${state}.${verifier}.${owner}`).digest('base64url')
}

/** Exchanges the code for the seller's first pair, and stores it. Gives the seller's user_id. */
export async function finishConnecting(
  config: Config,
  pool: SessionPool,
  owner: string,
  query: URLSearchParams,
  kept = '',
): Promise<string> {
  const [state = '', verifier = '', seal = ''] = kept.split('.')
  if (!isSame(seal, sealOf(config, state, verifier, owner)) || !isSame(query.get('state') ?? '', state))
    throw new NotConnectedError("the state is not the one of this user's browser")
  const code = query.get('code')
  // Anybody can write anything there: only a word goes into the log.
  const said = /^\w{1,50}$/.exec(query.get('error') ?? '')?.[0]
  if (!code) throw new NotConnectedError(`no code: ${said ?? 'the seller has not authorised the app'}`)
  const { clientId: client_id, clientSecret: client_secret, redirectUrl: redirect_uri } = config
  const request = { grant_type: 'authorization_code', client_id, client_secret, code, redirect_uri, code_verifier: verifier }
  // `axios` itself: no session is attached to it. A code works once: what fails is not sent again.
  const { data } = await axios.post(config.tokenEndpoint, request, { timeout: 15_000 }).catch((error) => {
    // The error of axios holds the request, and with it your secret: only this goes on.
    throw new NotConnectedError(`the code was not exchanged: ${error.response?.status ?? error.code} ${error.response?.data?.error ?? ''}`)
  })
  if (!data.refresh_token) console.warn(`seller ${data.user_id}: no refresh token; is offline_access missing in "${data.scope}"?`)
  await pool.session(data.user_id).signIn(data)
  return String(data.user_id)
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
