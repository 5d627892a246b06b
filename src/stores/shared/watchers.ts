/** Who watches which account, in this process. */
export class Watchers {
  readonly #callbacks = new Map<string, Set<() => void>>()

  /** How many accounts are watched. */
  get size(): number {
    return this.#callbacks.size
  }

  has(account: string): boolean {
    return this.#callbacks.has(account)
  }

  accounts(): Iterable<string> {
    return this.#callbacks.keys()
  }

  /** Returns what takes it back. */
  add(account: string, callback: () => void): () => void {
    const callbacks = this.#callbacks.get(account) ?? new Set()
    this.#callbacks.set(account, callbacks)
    // The same function may watch twice. It is called outside of any promise: what it throws would end the process.
    const entry = () => {
      try {
        callback()
      } catch {}
    }
    callbacks.add(entry)
    return () => {
      callbacks.delete(entry)
      if (callbacks.size === 0 && this.#callbacks.get(account) === callbacks) this.#callbacks.delete(account)
    }
  }

  /** Tells those who watch an account; one that throws disturbs nobody. */
  notify(account: string): void {
    for (const callback of this.#callbacks.get(account) ?? []) queueMicrotask(callback)
  }

  /** Something may have been missed. */
  notifyAll(): void {
    for (const account of this.#callbacks.keys()) this.notify(account)
  }
}
