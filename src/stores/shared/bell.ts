/** Waits that somebody can cut short, also before they have begun. */
export class Bell {
  #rung = false
  #wake = () => {}

  /** Keeps a Node process alive: somebody waits for what comes after. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#rung = false
  }

  ring = (): void => {
    this.#rung = true
    this.#wake()
  }
}
