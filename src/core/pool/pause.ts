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
  /** Settles when there is none, or the signal aborts. */
  over(): Promise<void>
}

/** Statuses by which a server says that it cannot keep up (RFC 6585, 4; RFC 9110, 15.6.4). */
const TOO_MUCH = [429, 503]

export function createPause(clock: Clock, signal?: AbortSignal): Pause {
  let until = 0
  let failures = 0
  return {
    begin(error) {
      if (!(error instanceof RefreshFailedError)) return false
      const { retryAfter, retryAt = 0, cause } = error
      const { response, status = Object(response).status } = Object(cause)
      if (!retryAfter && !TOO_MUCH.includes(status)) return false
      failures++
      until = Math.max(until, retryAt, clock.now() + backOff(failures))
      return true
    },
    reset() {
      failures = 0
    },
    async over() {
      while (clock.now() < until && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          // Somebody waits for the end of the run.
          const stopTimer = startTimer(clock, until - clock.now(), done, true)
          const stopListening = signal && onAbort(signal, done)
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
