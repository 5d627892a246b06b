import { AuthError, brand } from './auth-error.ts'

/** The codes of a {@link RefreshFailedError}. */
export type RefreshFailedCode = 'ERR_REFRESH_FAILED' | 'ERR_REFRESH_UNCERTAIN' | 'ERR_CLIENT_REJECTED'

/** What a {@link RefreshFailedError} may carry. */
export interface RefreshFailedErrorOptions {
  /** Default `'ERR_REFRESH_FAILED'`. */
  code?: RefreshFailedCode
  /** The error underneath. */
  cause?: unknown
  /** When a next attempt may help, in ms since the epoch. */
  retryAt?: number
  /** The wait that the server asked for (`Retry-After`), in ms: nobody cuts it short. */
  retryAfter?: number
  /** The 401 of the request that asked. */
  rejection?: unknown
}

/**
 * The refresh did not work this time; the session is kept.
 *
 * - `ERR_REFRESH_FAILED`: no connection, 429, 503, HTML, an answer without a token. Try later.
 * - `ERR_REFRESH_UNCERTAIN`: the request left and no answer came; the refresh token may be spent.
 * - `ERR_CLIENT_REJECTED`: the app's set-up is wrong (`invalid_client`, `invalid_scope` ...).
 */
export class RefreshFailedError extends AuthError {
  /** Which of the three it is. */
  declare readonly code: RefreshFailedCode
  /** When a next attempt may help, in ms since the epoch; `undefined` when unknown. */
  declare readonly retryAt?: number
  /** The wait that the server asked for, in ms. Not enumerable. */
  declare readonly retryAfter?: number
  /**
   * The 401 of the request that asked. It is not called `response`, so that apps that sign out on
   * `error.response.status === 401` do not do so in an outage. Not enumerable.
   * Of a `Response` of fetch the body cannot be read any more: it would have held a connection.
   */
  declare readonly rejection?: unknown

  /**
   * Throw it from a hand-written `refresh` to say which failure it was, or when to try again.
   *
   * @param message what failed, without any token.
   * @param input what the error carries.
   */
  constructor(message: string, { code = 'ERR_REFRESH_FAILED', retryAt, ...details }: RefreshFailedErrorOptions = {}) {
    super(code, message, details)
    if (retryAt) Object.assign(this, { retryAt })
  }
}

brand(RefreshFailedError, 'RefreshFailedError')
