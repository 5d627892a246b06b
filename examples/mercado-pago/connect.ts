import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import axios from 'axios'
import type { SessionPool } from 'axios-renew'
import type { Config } from './config.ts'

/** The seller came back, and is not connected. */
export class NotConnectedError extends Error {
  readonly status = 400
}

/** Where to send the seller, and what their browser is to keep meanwhile. */
export function startConnecting({ authorizationPage, clientId, redirectUrl }: Config) {
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
  return { url: url.href, kept: `${state}.${verifier}` }
}

/** Exchanges the code for the seller's first pair, and stores it. Gives the seller's user_id. */
export async function finishConnecting(config: Config, pool: SessionPool, query: URLSearchParams, kept = ''): Promise<string> {
  const [state = '', verifier = ''] = kept.split('.')
  if (!state || !isSame(query.get('state') ?? '', state)) throw new NotConnectedError('the state is not the one of this browser')
  const code = query.get('code')
  if (!code) throw new NotConnectedError(`no code: ${query.get('error') ?? 'the seller has not authorised the app'}`)
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
