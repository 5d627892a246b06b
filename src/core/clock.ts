/** Time, as the session sees it. Give another one in tests. */
export interface Clock {
  /** Now, in ms since the epoch. */
  now(): number
  /** Calls back once after `ms`. The result goes to `clearTimeout`; its `unref` is called if it has one. */
  setTimeout(callback: () => void, ms: number): unknown
  /** Stops what `setTimeout` has begun, by its result; what has already called back is left as it is. */
  clearTimeout(handle: unknown): void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** The longest time that timers can hold, in ms. */
const LONGEST = 2 ** 31 - 1

/** A timer, which by default does not keep a Node process alive; returns what stops it. */
export function startTimer(clock: Clock, ms: number, callback: () => void, keepAlive?: boolean): () => void {
  const dueAt = clock.now() + ms
  // After a sleep timers fire before what has arrived meanwhile is read: that comes first.
  let stop = schedule(() => {
    if (clock.now() - dueAt < SLEPT_MS) callback()
    else stop = schedule(callback, GRACE_MS)
  }, ms)
  return () => stop()

  function schedule(then: () => void, after: number): () => void {
    const handle = clock.setTimeout(then, Math.min(after, LONGEST))
    if (!keepAlive) (handle as { unref?: () => void } | undefined)?.unref?.()
    return () => clock.clearTimeout(handle)
  }
}

/** A timer that fires so late tells of a machine, or a process, that was suspended. */
const SLEPT_MS = 1000
/** How long what has arrived in a sleep may take to be read. */
const GRACE_MS = 1000
