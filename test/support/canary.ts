import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

/**
 * How the tokens of the servers in memory look: `a1`, `r2`, `ann1.r1`, `access-1`, `refresh-2`. They are canaries: wherever
 * one shows that anybody may read, a token has leaked.
 */
const CANARY = /\b([ar]|access-|refresh-)\d+\b/
/** Stacks show where the sources are, and `r2` may be the name of that folder. */
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))

/** The canaries that look like nothing in particular: real servers make them. */
const watched = new Set<string>()
/** Some tests make a hundred thousand. */
const MOST = 1000

/** From now on these tokens are canaries, too. Those that a server in this process gets or gives need no word: see `watchWire`. */
export function watchTokens(...tokens: (string | undefined)[]): void {
  for (const token of tokens) {
    if (token) watched.add(token)
    for (const oldest of watched) {
      if (watched.size <= MOST) break
      watched.delete(oldest)
    }
  }
}

/** Throws if a token shows in what a log, an error reporter or a message would print of this value. */
export function expectNoToken(value: unknown, what: string): void {
  const printed = [inspect(value, { depth: 10, breakLength: Number.POSITIVE_INFINITY }), serialized(value), String(Object(value).message)]
  for (const text of printed) {
    const plain = text.replaceAll(CHECKOUT, '')
    const at = canaryIn(plain)
    if (at >= 0) throw new Error(`a token shows in ${what}: ...${plain.slice(Math.max(0, at - 200), at + 20)}...`)
  }
}

function canaryIn(text: string): number {
  for (const token of watched) {
    const at = text.indexOf(token)
    if (at >= 0) return at
  }
  return text.search(CANARY)
}

function serialized(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Circular: what is there was inspected.
    return ''
  }
}
