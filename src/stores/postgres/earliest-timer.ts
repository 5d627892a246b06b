import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore } from '../../core/wait.ts'

/** Does its work at the earliest of the times it was asked for; one at a time, and never soon after another. */
export class EarliestTimer {
  readonly #work: () => Promise<void>
  readonly #gapMs: number
  #at = Number.POSITIVE_INFINITY
  #notBefore = 0
  #running = false
  #stop: () => void = ignore

  constructor(work: () => Promise<void>, gapMs: number) {
    this.#work = work
    this.#gapMs = gapMs
  }

  /** Does it in `ms` at the latest, if that can be. */
  within(ms: number): void {
    const now = performance.now()
    const at = Math.max(now + ms, this.#notBefore)
    if (at >= this.#at) return
    this.#at = at
    if (!this.#running) this.#schedule(at - now)
  }

  stop(): void {
    this.#stop()
    this.#at = Number.POSITIVE_INFINITY
  }

  #schedule(ms: number): void {
    this.#stop()
    this.#stop = startTimer(systemClock, ms, () => void this.#run())
  }

  async #run(): Promise<void> {
    this.#at = Number.POSITIVE_INFINITY
    this.#notBefore = performance.now() + this.#gapMs
    this.#running = true
    await this.#work()
    this.#running = false
    if (this.#at < Number.POSITIVE_INFINITY) this.#schedule(Math.max(0, this.#at - performance.now()))
  }
}
