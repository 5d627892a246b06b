import { AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios'
import { type Clock, startTimer } from '../../core/clock.ts'
import { leavable, onAbort } from '../../core/wait.ts'

/**
 * How long one request may take: its `timeout` covers the wait for a refresh, the first send and the
 * replay together, and its `signal` or `cancelToken` ends the wait at once.
 */
export interface Patience {
  /** Waits for shared work; rejects as axios' adapters do when the caller has had enough. */
  wait<T>(work: Promise<T>): Promise<T>
  /** The `timeout` for a send when part of the time is used up, with the message of the whole. */
  rest(): Pick<InternalAxiosRequestConfig, 'timeout' | 'timeoutErrorMessage'>
}

export function createPatience(config: InternalAxiosRequestConfig, clock: Clock): Patience {
  const { signal, cancelToken, transitional, timeout } = config
  const startedAt = clock.now()
  const timeoutErrorMessage = config.timeoutErrorMessage || `timeout of ${timeout}ms exceeded`
  // A clock that is turned back gives nobody more time.
  const left = () => Math.min(Number(timeout), Math.max(1, startedAt + Number(timeout) - clock.now()))
  return {
    wait: (work) =>
      leavable(work, (leave) => {
        const token = cancelToken as unknown as SubscribableToken | undefined
        token?.subscribe(leave)
        const stopSignal = signal && onAbort(signal as AbortSignal, () => leave(new CanceledError(undefined, config as never)))
        const code = transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED
        const stopTimer = timeout && startTimer(clock, left(), () => leave(new AxiosError(timeoutErrorMessage, code, config)))
        return () => {
          token?.unsubscribe(leave)
          stopSignal?.()
          if (stopTimer) stopTimer()
        }
      }),
    rest: () => (timeout ? { timeout: left(), timeoutErrorMessage } : {}),
  }
}

/** What axios' adapters use of a `CancelToken`; its published type leaves it out. */
interface SubscribableToken {
  subscribe(listener: (reason: unknown) => void): void
  unsubscribe(listener: (reason: unknown) => void): void
}
