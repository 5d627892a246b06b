import { type Clock, startTimer } from '../clock.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { backOff } from '../session/back-off.ts'
import { onAbort } from '../wait.ts'

/** A rest of everything that goes to one token endpoint. */
export interface Pause {
  /** Begins one if this error says that the server wants less; tells whether. */
  begin(error: unknown): boolean
  /** The server has answered: the next pause is a short one. */
  reset(): void
  /** Settles when there is none, or the run has ended. */
  over(): Promise<void>
}

/** Statuses by which a server says that it cannot keep up (RFC 6585, 4; RFC 9110, 15.6.4). */
const TOO_MUCH = [429, 503]
/** No pause is longer, whatever an error says. */
const LONGEST_MS = 600_000

/** @param end the end of the run: nobody waits any more. */
export function createPause(clock: Clock, end: AbortSignal): Pause {
  let until = 0
  let failures = 0
  return {
    begin(error) {
      if (!(error instanceof RefreshFailedError)) return false
      const { retryAfter, retryAt = 0, cause } = error
      const { response, status = Object(response).status } = Object(cause)
      if (!retryAfter && !TOO_MUCH.includes(status)) return false
      const present = clock.now()
      // Those that were under way beside the first count as one with it.
      if (present >= until) failures++
      until = Math.max(until, Math.min(Math.max(retryAt, present + backOff(failures)), present + LONGEST_MS))
      return true
    },
    reset() {
      failures = 0
    },
    async over() {
      while (clock.now() < until && !end.aborted) {
        await new Promise<void>((resolve) => {
          // Somebody waits for the end of the run.
          const stopTimer = startTimer(clock, until - clock.now(), done, true)
          const stopListening = onAbort(end, done)
          function done() {
            stopTimer()
            stopListening?.()
            resolve()
          }
        })
      }
    },
  }
}
