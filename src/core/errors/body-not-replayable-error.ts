import { AuthError, brand } from './auth-error.ts'

/**
 * The server said 401 to a request whose body (a stream) can be read only once.
 *
 * The tokens have been refreshed: send the request again with a fresh body, or give
 * `renew: { replayBody: () => freshBody }` so that this happens by itself.
 */
export class BodyNotReplayableError extends AuthError {
  declare readonly code: 'ERR_BODY_NOT_REPLAYABLE'
  /**
   * The 401, as the client got it. Not enumerable.
   * Of a `Response` of fetch the body cannot be read any more: it would have held a connection.
   */
  declare readonly response: unknown

  static {
    brand(BodyNotReplayableError, 'BodyNotReplayableError')
  }

  constructor(response: unknown) {
    super('ERR_BODY_NOT_REPLAYABLE', 'The body of a refused request is a stream, read already: send it again, or give renew.replayBody', {
      response,
    })
  }
}
