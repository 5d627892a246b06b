import { expectType } from '../check-options.ts'
import { StoreError } from '../errors/store-error.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { bounded } from './bounded-call.ts'
import type { Job } from './ledger.ts'
import { putRecord, readRecord } from './shared-record.ts'
import type { SessionState } from './state.ts'

/** Where a session keeps its tokens, as far as the ledger is concerned. */
export interface Storage {
  /** What is written now; `null` when nobody is signed in. Rejects with `StoreError` when it cannot be told. */
  read(state: SessionState): Promise<TokenInput | null>
  /** One attempt to write a state. */
  put(state: SessionState, job: Job): Promise<unknown>
  /**
   * Others write there too. So every write names what it replaces, and one that comes late does nothing; and what it rejects
   * with may be a refusal (`StoreError`), which stays one however often it is tried.
   */
  readonly shared: boolean
  /** The longest pause between two attempts, in ms. */
  readonly longestPauseMs: number
}

/** `load` and `save`. */
const callbacks: Storage = {
  async read(state) {
    const { account, config } = state
    try {
      const found = await bounded(state, 'load', config.refreshTimeoutMs, async () => config.load?.(account))
      if (!found) return null
      expectType('load', found, 'object')
      state.everStored = true
      return found
    } catch (cause) {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'The stored tokens could not be loaded', cause)
    }
  },
  put: async ({ account, config }, { tokens }) => config.save?.(copyOf(tokens), account),
  shared: false,
  longestPauseMs: 60_000,
}

/** A `store`. */
const sharedStore: Storage = {
  read: async (state) => (await readRecord(state))?.record.tokens ?? null,
  put: putRecord,
  shared: true,
  // In an outage longer than its lease an unsaved pair is protected by nothing but being written first when the store is back.
  longestPauseMs: 2000,
}

export function storageOf({ config }: SessionState): Storage {
  return config.store ? sharedStore : callbacks
}

/** What `save` does to its argument stays there. */
function copyOf(tokens: TokenSet | null): TokenSet | null {
  return tokens && { ...tokens, ...(tokens.extra && { extra: { ...tokens.extra } }) }
}
