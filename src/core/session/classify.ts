import { AuthError, hide } from '../errors/auth-error.ts'
import { conceal } from '../errors/conceal.ts'
import { oauthVerdict } from '../errors/oauth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'

/**
 * What an error thrown by `refresh` means for the session.
 *
 * Over are sessions whose `refresh` threw a `SessionEndedError`, or an error whose `response.status`
 * is 401, or whose body names a code for it. Everything else is transient: a 403 may come from a
 * firewall and must not log anybody out.
 *
 * @param now ms since the epoch.
 */
export function classify(cause: unknown, now: number): AuthError {
  if (cause instanceof AuthError) return cause
  const { response, data } = Object(cause)
  concealSecrets(cause)
  const { status, headers } = Object(response)
  const verdict = oauthVerdict(response?.data ?? data)
  const said = status ? ` (status ${status})` : ''
  if (verdict === 'ended' || status === 401)
    return new SessionEndedError(`The server refused the refresh token${said}: sign in again`, { cause })
  if (verdict)
    return new RefreshFailedError(`The server refused this client${said}: check its id, secret and scopes`, {
      code: 'ERR_CLIENT_REJECTED',
      cause,
    })
  const retryAt = retryAfter(headers, now)
  return new RefreshFailedError(`The tokens could not be refreshed${said}`, { cause, retryAt, retryAfter: retryAt !== undefined })
}

/** The longest `Retry-After` that is obeyed. */
const LONGEST_RETRY_AFTER_MS = 600_000

/** When a server that sent `Retry-After` (seconds, or a date; RFC 9110, 10.2.3) may be asked again. */
export function retryAfter(headers: unknown, now: number): number | undefined {
  const value = Object(headers).get?.('retry-after') ?? Object(headers)['retry-after']
  const at = value >= 0 ? now + value * 1000 : Date.parse(value)
  return at > now ? Math.min(at, now + LONGEST_RETRY_AFTER_MS) : undefined
}

/** The error of a token request holds the refresh token, in its configuration, its request or its body. */
export function concealSecrets(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    conceal(cause, 'config', 'request', 'response', 'options', 'data')
    if ('toJSON' in cause) hide(cause, 'toJSON', summary)
  }
}

/** What is left of an axios error when its configuration must not be printed. */
function summary({ name, message, code, status }: Error & { code?: unknown; status?: unknown }) {
  return { name, message, code, status }
}
