import type { Clock } from 'axios-renew'

/** The machine's clock, which can be put forward. */
export class MovableClock implements Clock {
  /** In ms. */
  ahead = 0
  now = () => Date.now() + this.ahead
  setTimeout = (callback: () => void, ms: number) => setTimeout(callback, ms)
  clearTimeout = (timer: unknown) => clearTimeout(timer as NodeJS.Timeout)
}
