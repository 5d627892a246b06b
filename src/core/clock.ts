/** Time, as the session sees it. Give another one in tests. */
export interface Clock {
  /** Now, in ms since the epoch. */
  now(): number
  /** Calls back once after `ms`. The result goes to `clearTimeout`; its `unref` is called if it has one. */
  setTimeout(callback: () => void, ms: number): unknown
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
  const handle = clock.setTimeout(callback, Math.min(ms, LONGEST))
  if (!keepAlive) (handle as { unref?: () => void } | undefined)?.unref?.()
  return () => clock.clearTimeout(handle)
}
