import { AuthError, brand } from './auth-error.ts'

/**
 * The server said 401 to a request whose body can be read only once: a stream, or a `Request` of fetch of more than 16 MiB.
 *
 * The tokens have been refreshed: send the request again with a fresh body, or give
 * `renew: { replayBody: () => freshBody }` so that this happens by itself.
 */
export class BodyNotReplayableError extends AuthError {
  /** Always `'ERR_BODY_NOT_REPLAYABLE'`. */
  declare readonly code: 'ERR_BODY_NOT_REPLAYABLE'
  /**
   * The 401, as the client got it. Not enumerable.
   * Of a `Response` of fetch the body cannot be read any more: it would have held a connection.
   */
  declare readonly response: unknown

  /**
   * Made by the clients; apps only catch it.
   *
   * @param response the 401, as the client got it.
   */
  constructor(response: unknown) {
    super('ERR_BODY_NOT_REPLAYABLE', 'The body of a refused request cannot be read twice: send it anew, or give axios renew.replayBody', {
      response,
    })
  }
}

brand(BodyNotReplayableError, 'BodyNotReplayableError')
