import { SessionEndedError } from '../errors/session-ended-error.ts'
import { emit } from './events.ts'
import { become, type Held, isAlive, type SessionState } from './state.ts'

/** The session is over, but not by a sign-out: its tokens stay where they are written. */
export function end(state: SessionState, held: Held, cause: SessionEndedError): SessionEndedError {
  const error = held.uncertain
    ? new SessionEndedError(`${cause.message}. An earlier token request was left without an answer; it probably spent the token`, { cause })
    : cause
  held.refused = error
  become(state, 'ended', held)
  const valid = !held.rejected && isAlive(state, held)
  emit(state, 'ended', { error, validUntil: valid ? held.tokens.expiresAt : undefined })
  return error
}
