import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore } from '../../core/wait.ts'

/** How long a subscription stays when nobody listens any more: the next one may come soon. */
const LINGER_MS = 10_000
/** How long to wait before the next attempt to subscribe; doubled by each failure. */
const RETRY_MS = [200, 5000] as const

/** What a feed needs of the world around. */
interface FeedSource {
  /** Subscribes, and calls `onEnd` when that is over; resolves to what closes it. */
  open(onEnd: () => void): Promise<() => void>
  /** Whether it is worth trying. */
  isOpen(): boolean
  /** Something may have been missed: it has subscribed, at first or again. */
  onGap(): void
}

/** One subscription for all who listen: opened for the first of them, kept up, closed some time after the last. */
export class Feed {
  readonly #source: FeedSource
  #listeners = 0
  /** The attempt, or subscription, that counts. */
  #attempt: object | undefined
  #close: (() => void) | undefined
  #failures = 0
  #stopTimer = ignore

  constructor(source: FeedSource) {
    this.#source = source
  }

  /** Whether news comes in. */
  get isUp(): boolean {
    return this.#close !== undefined
  }

  /** Returns what says that this one no longer listens. */
  listen(): () => void {
    this.#listeners++
    if (this.#attempt) {
      if (this.isUp) this.#stopTimer()
    } else {
      void this.#connect()
    }
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      if (--this.#listeners === 0 && this.isUp) this.#after(LINGER_MS, () => this.#stop())
    }
  }

  /** Gives the subscription up if the client was closed: nobody else would. */
  check(): void {
    if (this.isUp && !this.#source.isOpen()) this.#lost(this.#attempt)
  }

  async #connect(): Promise<void> {
    const attempt = {}
    this.#attempt = attempt
    try {
      if (!this.#source.isOpen()) throw new Error('The client is not connected')
      const close = await this.#source.open(() => this.#lost(attempt))
      if (this.#attempt !== attempt) return close()
      this.#close = close
      this.#failures = 0
      if (this.#listeners === 0) this.#after(LINGER_MS, () => this.#stop())
      this.#source.onGap()
    } catch {
      this.#lost(attempt)
    }
  }

  #lost(attempt: object | undefined): void {
    if (this.#attempt !== attempt) return
    this.#stop()
    if (this.#listeners === 0) return
    this.#attempt = {}
    const [least, most] = RETRY_MS
    const wait = Math.min(most, least * 2 ** this.#failures++) * (0.5 + Math.random() / 2)
    this.#after(wait, () => {
      this.#attempt = undefined
      if (this.#listeners > 0) void this.#connect()
    })
  }

  #stop(): void {
    this.#stopTimer()
    const close = this.#close
    this.#close = undefined
    this.#attempt = undefined
    close?.()
  }

  #after(ms: number, then: () => void): void {
    this.#stopTimer()
    this.#stopTimer = startTimer(systemClock, ms, then)
  }
}
