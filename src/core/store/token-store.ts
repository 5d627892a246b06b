import type { TokenSet } from '../tokens/token-set.ts'

/** What a store holds of one account. Plain data: it survives `JSON.stringify`. */
export interface SessionRecord {
  /** The pair; `null` after a sign-out, so that nobody takes an empty row for a new account. */
  tokens: TokenSet | null
  /** How many pairs there have been since the sign-in. */
  generation: number
  /** Names the sign-in: a random text that stays the same until the next one. */
  lineage: string
  /** The `client` of the session that wrote it: others do not touch it. */
  client?: string
  /** A token request with this pair has begun; ms since the epoch. It is not news to others. */
  refreshStartedAt?: number
  /** The server has refused this pair; ms since the epoch. */
  endedAt?: number
}

/** A record, and what to name when it is to be replaced. */
export interface StoredRecord {
  /** What is stored. */
  record: SessionRecord
  /** Changes with every write. */
  version: string
}

/** A lock that somebody holds. */
export interface Lease {
  /** Aborts when the lock may belong to somebody else. */
  readonly signal: AbortSignal
}

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait, in ms; then `StoreError` with `ERR_LOCK_TIMEOUT`. `0`: one attempt. */
  waitMs: number
  /** Ends the waiting (with its reason), not the work. */
  signal: AbortSignal
}

/**
 * Where several sessions (tabs, processes, machines) keep their pairs together.
 *
 * A promise that rejects means that the store cannot be reached: the operation may or may not have happened.
 * A record that cannot be understood rejects with a `StoreError`, and is never written over.
 * `testStore` of `axios-renew/testing` holds a store of one's own against this contract.
 */
export interface TokenStore {
  /** The newest record; `null` when nothing was ever written. */
  read(account: string): Promise<StoredRecord | null>
  /**
   * Compare-and-swap: writes if `expected` is the version that is stored (`null`: nothing is stored).
   *
   * @returns the new version; `null` when somebody else was first.
   */
  write(account: string, record: SessionRecord, expected: string | null): Promise<string | null>
  /**
   * Does the work while nobody else, in any process, does theirs for this account. The lock is held, and renewed,
   * until the work has settled; one whose holder is silent for too long passes to the next.
   */
  lock<T>(account: string, work: (lease: Lease) => Promise<T>, options: LockOptions): Promise<T>
  /**
   * Accounts whose access token expires before that moment (ms since the epoch): neither ended nor signed out. Those of
   * whom there is only a refresh token are due. Of those that a store cannot read it gives those it comes across: whoever tries is told why.
   */
  due?(beforeMs: number, cursor?: string): AsyncIterable<string>
  /** Calls back after a write of anybody; an intent (`refreshStartedAt`) needs no call. Returns what stops that. */
  watch?(account: string, onChange: () => void): () => void
  /** Calls back when the store begins to keep records in a lesser way than it should. Returns what stops that. */
  onDegraded?(listener: (error: unknown) => void): () => void
}
