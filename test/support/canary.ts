import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

/**
 * How the tokens of the tests look: `a1`, `r2` of the server in memory, `access-1`, `refresh-2` of the
 * others. They are the canaries: wherever one shows that anybody may read, a token has leaked.
 */
const CANARY = /\b([ar]|access-|refresh-)\d+\b/
/** Stacks show where the sources are, and `r2` may be the name of that folder. */
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))

/** Throws if a token shows in what a log, an error reporter or a message would print of this value. */
export function expectNoToken(value: unknown, what: string): void {
  for (const text of [
    inspect(value, { depth: 10, breakLength: Number.POSITIVE_INFINITY }),
    serialized(value),
    String(Object(value).message),
  ]) {
    const found = CANARY.exec(text.replaceAll(CHECKOUT, ''))
    if (found) throw new Error(`a token shows in ${what}: ...${text.slice(Math.max(0, found.index - 200), found.index + 20)}...`)
  }
}

function serialized(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Circular: what is there was inspected.
    return ''
  }
}
