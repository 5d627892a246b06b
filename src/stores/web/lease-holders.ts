/**
 * Tells which holders of leases are still there, by Web Locks: each holds one with a name of its own, and the browser
 * gives it back when its tab is closed or dies. Where Web Locks are missing (plain http) nobody knows.
 */
export class Holders {
  readonly #prefix: string
  readonly #locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  readonly #leave = new Map<string, () => void>()

  constructor(name: string) {
    this.#prefix = `axios-renew:${name}:`
  }

  /** Whether others will see that a holder in this page is gone. */
  get areSeen(): boolean {
    return this.#locks !== undefined
  }

  /** To be called before the lease names this owner: who finds it there and not here takes it for dead. */
  enter(owner: string): Promise<void> {
    if (!this.#locks || this.#leave.has(owner)) return Promise.resolve()
    const locks = this.#locks
    return new Promise((entered, failed) => {
      const hold = () =>
        new Promise<void>((leave) => {
          this.#leave.set(owner, leave)
          entered()
        })
      locks.request(this.#prefix + owner, hold).catch(failed)
    })
  }

  leave(owner: string): void {
    this.#leave.get(owner)?.()
    this.#leave.delete(owner)
  }

  /** Whether that owner has left, or its tab is gone. */
  async isGone(owner: string): Promise<boolean> {
    return (await this.#locks?.request(this.#prefix + owner, { ifAvailable: true, mode: 'shared' }, (lock) => lock !== null)) ?? false
  }

  /** Calls back when that owner has left, or its tab is gone. */
  whenGone(owner: string, signal: AbortSignal, callback: () => void): void {
    // It rejects when it is not wanted any more.
    this.#locks?.request(this.#prefix + owner, { signal, mode: 'shared' }, callback).catch(() => {})
  }
}
