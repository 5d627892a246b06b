import { expectType } from '../core/check-options.ts'
import type { Clock } from '../core/clock.ts'
import { settle } from './settle.ts'

/** A {@link Clock} that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** How many timers wait. */
  readonly pending: number
  /**
   * Lets time pass, in ms: timers fire in their order, and what they set going comes to rest in between. What waits for a
   * real socket does not: await the request itself, too.
   */
  advance(ms: number): Promise<void>
  /** Turns the clock, forwards or back (negative ms), without anything firing: a clock that was set, a machine that slept. */
  jump(ms: number): void
}

interface Timer {
  readonly handle: object
  readonly callback: () => void
  at: number
}

/**
 * Makes a clock for the option `clock` of sessions, and of `fakeAuthServer`: 180 days pass in a test without waiting.
 *
 * @param start where it stands, in ms since the epoch or as a `Date`. Default: 2026-01-01T00:00:00Z.
 *
 * @example
 * const clock = fakeClock()
 * const session = createSession({ refresh, tokens, clock })
 * await clock.advance(3600_000)
 */
export function fakeClock(start: number | Date = Date.UTC(2026, 0, 1)): FakeClock {
  let now = Number(start)
  expectType("fakeClock: 'start'", Number.isNaN(now) ? start : now, 'number')
  let timers: Timer[] = []

  function clearTimeout(handle: unknown): void {
    timers = timers.filter((timer) => timer.handle !== handle)
  }

  return {
    now: () => now,
    setTimeout(callback, ms) {
      const handle = {}
      timers.push({ handle, callback, at: now + ms })
      return handle
    },
    clearTimeout,
    get pending() {
      return timers.length
    },
    async advance(ms) {
      expectType("advance: 'ms'", ms, 'number')
      const end = now + ms
      await settle()
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        clearTimeout(next.handle)
        now = Math.max(now, next.at)
        next.callback()
        await settle()
      }
      now = end
      await settle()
    },
    jump(ms) {
      now += ms
      for (const timer of timers) timer.at += ms
    },
  }
}
