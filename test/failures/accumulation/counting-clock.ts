import type { Clock } from 'axios-renew'

/**
 * The clock of the machine, which knows how many timers wait. The machine itself lists only those that keep it awake, and
 * most of a session's do not.
 */
export class CountingClock implements Clock {
  /** How far it is ahead of the machine's, in ms. */
  ahead = 0
  readonly #timers = new Set<unknown>()

  get pending(): number {
    return this.#timers.size
  }

  now = () => Date.now() + this.ahead

  setTimeout = (callback: () => void, ms: number) => {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      callback()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  clearTimeout = (timer: unknown) => {
    this.#timers.delete(timer)
    clearTimeout(timer as NodeJS.Timeout)
  }
}
