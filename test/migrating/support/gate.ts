/** Where answers wait until a test, or the course of things, lets them go. Open at first. */
export class Gate {
  #closed = false
  #expected = 0
  #oneByOne = false
  #waiting: (() => void)[] = []
  #arrivals: (() => void)[] = []

  /** Closes it until so many have arrived; then they go all at once. */
  gather(count: number): void {
    this.#closed = true
    this.#expected = count
  }

  /** Closes it until so many have arrived; then they go one by one, at each `next`. */
  queue(count: number): void {
    this.gather(count)
    this.#oneByOne = true
  }

  /** Closes it until `open`; settles when the first has arrived. */
  hold(): Promise<void> {
    this.gather(Number.POSITIVE_INFINITY)
    return new Promise((resolve) => this.#arrivals.push(resolve))
  }

  open(): void {
    this.#closed = false
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Lets the next one go. */
  next(): void {
    this.#waiting.shift()?.()
  }

  async pass(): Promise<void> {
    if (!this.#closed) return
    const passed = new Promise<void>((go) => this.#waiting.push(go))
    for (const arrive of this.#arrivals.splice(0)) arrive()
    if (this.#waiting.length >= this.#expected) {
      // Whoever comes later finds it open.
      this.#closed = false
      if (this.#oneByOne) this.next()
      else this.open()
    }
    await passed
  }
}
