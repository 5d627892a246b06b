import type { Clock } from 'axios-renew'
import type { Host } from './pool.ts'

/** The clock of one process. While that is silent no timer fires there; the missed ones do when it goes on. */
export class ProcessClock implements Clock {
  #missed: (() => void)[] = []
  readonly #clock: Clock
  readonly #host: Host

  constructor(clock: Clock, host: Host) {
    this.#clock = clock
    this.#host = host
  }

  now = (): number => this.#clock.now()

  setTimeout = (callback: () => void, ms: number): unknown => {
    const timer = { cleared: false, handle: undefined as unknown }
    const fire = () => {
      if (timer.cleared || this.#host.condition === 'crashed') return
      if (this.#host.condition === 'silent') this.#missed.push(fire)
      else callback()
    }
    timer.handle = this.#clock.setTimeout(fire, ms)
    return timer
  }

  clearTimeout = (timer: unknown): void => {
    const known = timer as { cleared: boolean; handle: unknown } | undefined
    if (!known) return
    known.cleared = true
    this.#clock.clearTimeout(known.handle)
  }

  /** The process goes on. */
  catchUp(): void {
    for (const fire of this.#missed.splice(0)) fire()
  }
}
