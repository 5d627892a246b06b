/** Where somebody is held up until a test lets them go. */
export class Gate {
  #closed = false
  readonly #held = new Set<() => void>()
  #arrived: (() => void)[] = []

  close(): void {
    this.#closed = true
  }

  /** Lets everybody go, and holds nobody up from now on. */
  open(): void {
    this.#closed = false
    for (const go of this.#held) go()
    this.#held.clear()
  }

  /** Settles when somebody is held up. */
  async arrival(): Promise<void> {
    if (this.#held.size === 0) await new Promise<void>((resolve) => this.#arrived.push(resolve))
  }

  /** To be awaited by those who pass. */
  async pass(): Promise<void> {
    if (!this.#closed) return
    await new Promise<void>((resolve) => {
      this.#held.add(resolve)
      for (const tell of this.#arrived.splice(0)) tell()
    })
  }
}
