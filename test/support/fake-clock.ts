import type { Clock } from 'axios-renew'

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now: number
  #timers: { at: number; callback: () => void; handle: object }[] = []

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now
  }

  now = (): number => this.#now

  setTimeout = (callback: () => void, ms: number): unknown => {
    const handle = {}
    this.#timers.push({ at: this.#now + ms, callback, handle })
    return handle
  }

  clearTimeout = (handle: unknown): void => {
    this.#timers = this.#timers.filter((timer) => timer.handle !== handle)
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** Lets time pass; timers fire in their order, and what they set going comes to rest in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.clearTimeout(next.handle)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = end
    await settle()
  }

  /** Turns the clock, forwards or back, without anything firing. */
  jump(ms: number): void {
    this.#now += ms
    for (const timer of this.#timers) timer.at += ms
  }
}

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
