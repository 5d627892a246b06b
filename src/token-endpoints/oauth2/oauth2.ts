import type { AxiosRequestConfig } from 'axios'
import { checkOptions } from '../../core/check-options.ts'
import { type AuthError, hide } from '../../core/errors/auth-error.ts'
import { RefreshFailedError } from '../../core/errors/refresh-failed-error.ts'
import { SessionEndedError } from '../../core/errors/session-ended-error.ts'
import type { SessionOptions } from '../../core/session/config.ts'
import { NEEDS_REFRESH_TOKEN } from '../../core/session/single-flight.ts'
import type { TokenInput, TokenSet } from '../../core/tokens/token-set.ts'
import { authenticateClient, type ClientAuthentication } from './authenticate-client.ts'
import { checkUrls } from './check-urls.ts'
import { type ClassifyError, judgeAnswer } from './judge-answer.ts'
import { createEndpoint } from './token-endpoint.ts'

/** The options of {@link oauth2}. */
export interface OAuth2Options {
  /** The URL of the token endpoint (RFC 6749, 3.2): https, unless it is on this machine. */
  tokenEndpoint: string
  /** The app's identifier at the provider (RFC 6749, 2.2). Default: none is sent. */
  clientId?: string
  /** The app's secret (RFC 6749, 2.3.1); it never belongs on a page or in an app for phones. Default: a public client. */
  clientSecret?: string
  /**
   * How the client proves who it is (RFC 6749, 2.3.1; names of RFC 7591): `'client_secret_post'`, in the body, the default with a
   * secret; `'client_secret_basic'`, in the header; or `'none'`, the default without one.
   */
  clientAuthentication?: ClientAuthentication
  /** How the body is written. RFC 6749 says `'form'`, the default; some providers want `'json'`. */
  format?: 'form' | 'json'
  /** Further parameters of the token request: `scope`, `audience`, `client_key` ... Default: none. */
  parameters?: Record<string, string>
  /** Further headers of the token request. Default: none. */
  headers?: Record<string, string>
  /** How axios sends it: proxy, agents with client certificates (mTLS), `timeout` ... */
  request?: AxiosRequestConfig
  /** Turns a successful body into tokens, where the provider nests or names them unusually. */
  mapResponse?: (body: unknown) => TokenInput
  /**
   * Decides what a refusal means, before the usual rules, by its `{ status, body }`: `'ended'` (the user must sign in
   * again), `'client-rejected'` (the app's set-up is wrong), `'failed'` (transient), `'uncertain'` (transient, and the refresh
   * token may be spent). `undefined` leaves it to them.
   */
  classifyError?: ClassifyError
  /**
   * How long the server accepts a spent refresh token again, in ms. Within that time a token request
   * whose answer was lost is sent once more, at most once a minute. Default `0`: never.
   */
  reuseGraceMs?: number
  /** The URL of the revocation endpoint (RFC 7009): `signOut` revokes there. Default: nothing is revoked. */
  revocationEndpoint?: string
}

/**
 * Makes the options by which a session refreshes at an OAuth 2 token endpoint (RFC 6749, 6); spread
 * them into `createSession`.
 *
 * It is lenient in what it reads: JSON and form-encoded answers, error bodies on 200, and the error
 * codes of many providers.
 *
 * @throws TypeError for a wrong or unknown option.
 *
 * @example
 * createSession({
 *   ...oauth2({ tokenEndpoint: 'https://auth.example.com/oauth/token', clientId: 'my-app' }),
 *   load, save,
 * })
 */
export function oauth2(options: OAuth2Options): Pick<SessionOptions, 'refresh' | 'client' | 'revoke'> {
  const given = checkOptions('oauth2', options, {
    tokenEndpoint: 'string!',
    clientId: 'string',
    clientSecret: 'string',
    clientAuthentication: "'client_secret_post'|'client_secret_basic'|'none'",
    format: "'form'|'json'",
    parameters: 'object',
    headers: 'object',
    request: 'object',
    mapResponse: 'function',
    classifyError: 'function',
    reuseGraceMs: 'number',
    revocationEndpoint: 'string',
  })
  const { tokenEndpoint, revocationEndpoint, clientId = '', parameters, reuseGraceMs = 0 } = given
  checkUrls('oauth2', { tokenEndpoint, revocationEndpoint })
  const post = createEndpoint(given)

  const sentAgainAt = new WeakMap<object, number>()

  const refresh: SessionOptions['refresh'] = async (tokens, { signal }) => {
    const { refreshToken } = tokens
    if (!refreshToken) throw new SessionEndedError('There is no refresh token (was the scope offline_access asked for?): sign in again')
    const startedAt = Date.now()
    const attempt = async () => {
      const answer = await post(tokenEndpoint, { grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters }, signal)
      return judgeAnswer(given, answer, [refreshToken, ...secretsOf(given)])
    }
    return attempt().catch((lost) => {
      const now = Date.now()
      const again = lost.code === 'ERR_REFRESH_UNCERTAIN' && now - startedAt < reuseGraceMs
      // In an outage it would only double the token requests.
      if (!again || signal.aborted || Math.abs(now - Number(sentAgainAt.get(tokens))) < ONCE_MORE_INTERVAL_MS) throw lost
      sentAgainAt.set(tokens, now)
      return attempt().catch((error) => Promise.reject(afterLostAnswer(error)))
    })
  }
  hide(refresh, NEEDS_REFRESH_TOKEN, true)

  const revoke = async ({ refreshToken, accessToken }: Partial<TokenSet>) => {
    const token = refreshToken ?? accessToken
    const hint = refreshToken ? 'refresh_token' : 'access_token'
    if (token) await post(String(revocationEndpoint), { token, token_type_hint: hint })
  }
  return { refresh, client: `${tokenEndpoint} ${clientId}`.trim(), ...(revocationEndpoint && { revoke }) }
}

/** What a request holds to prove who the client is, also where the app has put it into parameters or headers itself. */
function secretsOf({ clientId, clientSecret, parameters, headers }: OAuth2Options): string[] {
  const { headers: basic } = authenticateClient({ clientId, clientSecret, clientAuthentication: 'client_secret_basic' }, {})
  const own = [parameters, headers].flatMap((given) => Object.entries({ ...given }).filter(([name, value]) => value && SECRET.test(name)))
  const secrets = own.map(([, value]) => value)
  if (clientSecret) secrets.push(clientSecret, String(basic.Authorization))
  return secrets.map((secret) => String(secret).replace(/^(Basic|Bearer) /i, ''))
}

/** The same pair is sent once more at most once in this time. */
const ONCE_MORE_INTERVAL_MS = 60_000

const SECRET = /secret|assertion|authorization/i

/** That the answer to the first of two token requests was lost stays true whatever came of the second. */
function afterLostAnswer(error: AuthError): AuthError {
  const { message, code, cause } = error
  const both = `${message}. An earlier token request was left without an answer; it probably spent the token`
  if (code === 'ERR_SESSION_ENDED') return new SessionEndedError(both, { cause: error })
  if (code !== 'ERR_REFRESH_FAILED') return error
  return new RefreshFailedError(both, { code: 'ERR_REFRESH_UNCERTAIN', cause, retryAfter: (error as RefreshFailedError).retryAfter })
}
