/** What a page sees of localStorage. */
interface Tab {
  localStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  addEventListener(name: string, listener: () => void): void
}

/** localStorage, as its tabs share it: who writes is not told, the others are. */
export class StoredItems {
  readonly items = new Map<string, string>()
  readonly #listeners = new Map<Tab, () => void>()

  openTab(): Tab {
    const changed = () => {
      for (const [other, listener] of this.#listeners) if (other !== tab) queueMicrotask(listener)
    }
    const tab: Tab = {
      localStorage: {
        getItem: (key) => this.items.get(key) ?? null,
        setItem: (key, value) => {
          this.items.set(key, String(value))
          changed()
        },
        removeItem: (key) => {
          if (this.items.delete(key)) changed()
        },
      },
      addEventListener: (name, listener) => {
        if (name === 'storage') this.#listeners.set(tab, listener)
      },
    }
    return tab
  }
}
