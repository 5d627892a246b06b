import { typeName } from '../core/check-options.ts'
import type { Clock } from '../core/clock.ts'
import { ignore } from '../core/wait.ts'
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
  let now = start instanceof Date ? start.getTime() : start
  expectFinite("fakeClock: 'start'", now)
  let timers: Timer[] = []
  /** Where the clock will stand when `advance` is done. */
  let end = now
  /** One `advance` after the other. */
  let former = Promise.resolve()

  function clearTimeout(handle: unknown): void {
    timers = timers.filter((timer) => timer.handle !== handle)
  }

  async function pass(ms: number): Promise<void> {
    end = now + ms
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
  }

  return {
    now: () => now,
    setTimeout(callback, ms) {
      const handle = {}
      timers.push({ handle, callback, at: now + (ms > 0 ? ms : 0) })
      return handle
    },
    clearTimeout,
    get pending() {
      return timers.length
    },
    async advance(ms) {
      expectFinite("advance: 'ms'", ms, 0)
      const passing = former.then(() => pass(ms))
      former = passing.catch(ignore)
      await passing
    },
    jump(ms) {
      expectFinite("jump: 'ms'", ms)
      now += ms
      end += ms
      for (const timer of timers) timer.at += ms
    },
  }
}

function expectFinite(what: string, value: unknown, least = Number.NEGATIVE_INFINITY): void {
  if (Number.isFinite(value) && Number(value) >= least) return
  const got = typeof value === 'number' ? value : typeName(value)
  throw new TypeError(`${what}: expected a number${least === 0 ? ' of at least 0' : ''}, got ${got}`)
}
