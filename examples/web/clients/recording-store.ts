import type { TokenSet, TokenStore } from 'axios-renew'
import type { Recorder } from '../recording/recorder.ts'

/** A store that tells when a pair is written, and which one it holds. */
export function recordingStore(store: TokenStore, recorder: Recorder): TokenStore & { pair(): number | undefined } {
  let held: number | undefined

  /** Notes a pair; gives its number if it is another than before. */
  function note(tokens: TokenSet | null | undefined): number | undefined {
    const pair = tokens?.extra?.pair
    recorder.know(tokens?.accessToken, pair)
    if (typeof pair !== 'number' || pair === held) return undefined
    held = pair
    return pair
  }

  return {
    ...store,
    async read(account) {
      const stored = await store.read(account)
      const before = held
      const pair = note(stored?.record.tokens)
      if (pair && before) recorder.adopted(pair)
      return stored
    },
    write(account, record, expected) {
      const pair = note(record.tokens)
      const write = () => store.write(account, record, expected)
      // Else it says that a token request begins, or how a session has ended.
      return pair ? recorder.save(pair, write) : write()
    },
    pair: () => held,
  }
}
