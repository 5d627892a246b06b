import { AuthError, brand } from './auth-error.ts'

/** What a {@link SessionEndedError} may carry. */
export interface SessionEndedErrorOptions {
  /** The error underneath. */
  cause?: unknown
  /** The 401 that led here, if a request did. */
  response?: unknown
}

/**
 * The server refused the refresh token for good: the user must sign in again.
 *
 * Throw it from a hand-written `refresh` to say that the session is over.
 *
 * @example
 * refresh: async (tokens) => {
 *   const answer = await bare.post('/refresh', { token: tokens.refreshToken }, { validateStatus: null })
 *   if (answer.status === 410) throw new SessionEndedError('logged out by an administrator')
 *   return answer.data
 * }
 */
export class SessionEndedError extends AuthError {
  /** Always `'ERR_SESSION_ENDED'`. */
  declare readonly code: 'ERR_SESSION_ENDED'
  /**
   * The 401 that led here, as the client got it; `undefined` when no request did. Not enumerable.
   * Of a `Response` of fetch the body cannot be read any more: it would have held a connection.
   */
  declare readonly response?: unknown

  /**
   * Throw it from a hand-written `refresh`.
   *
   * @param message why the session is over, without any token. Default: `'The session has ended: sign in again'`.
   * @param options what the error carries.
   */
  constructor(message = 'The session has ended: sign in again', options?: SessionEndedErrorOptions) {
    super('ERR_SESSION_ENDED', message, options)
  }
}

brand(SessionEndedError, 'SessionEndedError')
