import { type Clock, startTimer } from './clock.ts'

/**
 * Waits for shared work, and leaves when told to. The work goes on for the others.
 *
 * @param subscribe gets a function by which this waiter leaves at once, and returns what takes that back.
 */
export function leavable<T>(work: Promise<T>, subscribe: (leave: (reason: unknown) => void) => () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const unsubscribe = subscribe(reject)
    work.then(resolve, reject).finally(unsubscribe)
  })
}

/** Waits at most `ms`, then rejects with `reason()`. */
export function within<T>(work: Promise<T>, ms: number, clock: Clock, reason: () => unknown): Promise<T> {
  return leavable(work, (leave) => startTimer(clock, ms, () => leave(reason())))
}

/** Waits until the signal aborts, then rejects with its reason. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return signal ? leavable(work, (leave) => onAbort(signal, () => leave(signal.reason))) : work
}

/** Calls back when the signal aborts, at once if it has; returns what takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
}

/** Ignores: for rejections that somebody else reports. */
export function ignore(): void {}
