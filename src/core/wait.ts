import { type Clock, startTimer } from './clock.ts'

/**
 * Waits for shared work, and leaves when told to. The work goes on for the others.
 *
 * @param subscribe gets a function by which this waiter leaves at once, and returns what takes that back.
 */
export function leavable<T>(work: Promise<T>, subscribe: (leave: (reason: unknown) => void) => () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let unsubscribe: () => void = ignore
    // First: `subscribe` throws for a signal that is none, and then nobody else would hear of a rejection.
    work
      .then(resolve, reject)
      .then(() => unsubscribe())
      .catch(ignore)
    unsubscribe = subscribe(reject)
  })
}

/** Waits at most `ms`, then rejects with `reason()`. */
export function within<T>(work: Promise<T>, ms: number, clock: Clock, reason: () => unknown, keepAlive?: boolean): Promise<T> {
  return leavable(work, (leave) => startTimer(clock, ms, () => leave(reason()), keepAlive))
}

/** Waits until it settles, whatever comes of it, and at most `ms`. */
export async function settledWithin(work: Promise<unknown>, ms: number, clock: Clock, keepAlive?: boolean): Promise<void> {
  await within(work, ms, clock, ignore, keepAlive).catch(ignore)
}

/** Waits until the signal aborts, then rejects with its reason. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return signal ? leavable(work, (leave) => onAbort(signal, () => leave(reasonOf(signal)))) : work
}

/** Why a signal aborted. That of React Native before 0.87 does not tell. */
function reasonOf(signal: AbortSignal): unknown {
  return 'reason' in signal ? signal.reason : Object.assign(new Error('This operation was aborted'), { name: 'AbortError' })
}

/** Throws the reason if the signal has aborted. */
export function throwIfAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted) throw reasonOf(signal)
}

/** Who waits on a signal; the one listener that tells them all. */
class Waiters extends Set<() => void> {
  handleEvent(): void {
    for (const callback of this) callback()
  }
}

const waitersOf = new WeakMap<AbortSignal, Waiters>()

/**
 * Calls back when the signal aborts, at once if it has; returns what takes that back. However many wait,
 * the signal has one listener: Node warns of a leak when there are more than ten.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  const waiters = waitersOf.get(signal) ?? new Waiters()
  waitersOf.set(signal, waiters.add(callback))
  signal.addEventListener('abort', waiters)
  return () => {
    waiters.delete(callback)
    if (waiters.size === 0) signal.removeEventListener('abort', waiters)
  }
}

/** Ignores: for rejections that somebody else reports. */
export function ignore(): void {}

/** Calls what the app, or its store, has given, where nobody can do anything about what it throws or rejects with. */
export function quietly(callback: () => unknown): void {
  new Promise((resolve) => resolve(callback())).catch(ignore)
}
