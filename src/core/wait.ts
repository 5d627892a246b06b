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
export function within<T>(work: Promise<T>, ms: number, clock: Clock, reason: () => unknown, keepAlive?: boolean): Promise<T> {
  return leavable(work, (leave) => startTimer(clock, ms, () => leave(reason()), keepAlive))
}

/** Waits until the signal aborts, then rejects with its reason. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return signal ? leavable(work, (leave) => onAbort(signal, () => leave(signal.reason))) : work
}

/** Who waits on a signal, and the one listener that serves them all. */
interface Waiters {
  callbacks: Set<() => void>
  tell(): void
}

const waiters = new WeakMap<AbortSignal, Waiters>()

/**
 * Calls back when the signal aborts, at once if it has; returns what takes that back. However many wait,
 * the signal has one listener: Node warns of a leak when there are more than ten.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  const { callbacks, tell } = waiters.get(signal) ?? newWaiters(signal)
  if (callbacks.size === 0) signal.addEventListener('abort', tell)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) signal.removeEventListener('abort', tell)
  }
}

function newWaiters(signal: AbortSignal): Waiters {
  const callbacks = new Set<() => void>()
  const made = {
    callbacks,
    tell() {
      for (const callback of callbacks) callback()
    },
  }
  waiters.set(signal, made)
  return made
}

/** Ignores: for rejections that somebody else reports. */
export function ignore(): void {}
