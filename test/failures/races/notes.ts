import { expectNoToken } from '../../support/canary.ts'

/** What the latest sign-in or sign-out wants. Two of them are the same only if they are the same object. */
export interface Intention {
  /** Whose tokens are to be used; `null`: nobody's. */
  readonly grant: string | null
}

/** One of each kind, as there are a hundred thousand. */
const searched = new Set<string>()

/** What all parts of a world know: the latest intention, what the session was told, and what went wrong. */
export class Notes {
  intention: Intention = { grant: null }
  /** Refresh tokens that reached the session under the intention that had asked for them, or after a sign-out. */
  readonly delivered = new Set<string>()
  /** What must never happen, and did. */
  readonly breaches: string[] = []

  breach(what: string): void {
    this.breaches.push(what)
  }

  /** Searches what an app is told for tokens. */
  search(kind: string, told: object): void {
    const { message, cause } = Object((told as { error?: unknown }).error)
    const key = `${kind}: ${message}, ${Object(cause).message}`
    if (searched.has(key)) return
    try {
      expectNoToken(told, kind)
      // Not before: a counterexample is played again and again.
      searched.add(key)
    } catch (error) {
      this.breach(String(error))
    }
  }
}

/** Takes one out of a list; which one does not matter as long as it is always the same. */
export function takeOut<T>(list: T[], which: number): T | undefined {
  return list.length > 0 ? list.splice(which % list.length, 1)[0] : undefined
}
