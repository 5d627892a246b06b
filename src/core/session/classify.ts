import { AuthError } from '../errors/auth-error.ts'
import { concealSecrets } from '../errors/conceal.ts'
import { oauthVerdict } from '../errors/oauth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'

/**
 * What an error thrown by `refresh` means for the session.
 *
 * Over are sessions whose `refresh` threw a `SessionEndedError`, or an error whose `response.status`
 * is 401, or whose body names a code for it. Everything else is transient: a 403 may come from a
 * firewall and must not log anybody out, and an error of another session is none of this one.
 *
 * @param now ms since the epoch.
 */
export function classify(cause: unknown, now: number): AuthError {
  concealSecrets(cause)
  if (cause instanceof SessionEndedError || cause instanceof RefreshFailedError) return cause
  if (cause instanceof AuthError && cause.code === 'ERR_REENTRANT_REFRESH') return cause
  const { response, data } = Object(cause)
  const { status, headers } = Object(response)
  const verdict = oauthVerdict(response?.data ?? response?.body ?? data)
  const said = status ? ` (status ${status})` : ''
  if (verdict === 'ended' || status === 401)
    return new SessionEndedError(`The server refused the refresh token${said}: sign in again`, { cause })
  const options = { cause, retryAfter: retryAfter(headers, now) }
  if (!verdict) return new RefreshFailedError(`The tokens could not be refreshed${said}`, options)
  const message = `The server refused this client${said}: check its id, secret and scopes`
  return new RefreshFailedError(message, { ...options, code: 'ERR_CLIENT_REJECTED' })
}

/** The longest `Retry-After` that is obeyed. */
export const LONGEST_RETRY_AFTER_MS = 600_000

/** How long a server that sent `Retry-After` (seconds, or a date; RFC 9110, 10.2.3) wants to be left alone, in ms. */
export function retryAfter(headers: unknown, now: number): number | undefined {
  const header = (name: string) => Object(headers).get?.(name) ?? Object(headers)[name]
  const value = header('retry-after')
  // A date is one by the server's clock, which its `Date` tells.
  const ms = value >= 0 ? value * 1000 : Date.parse(value) - (Date.parse(header('date')) || now)
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : undefined
}
