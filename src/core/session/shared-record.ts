import { StoreError } from '../errors/store-error.ts'
import { checkRecord } from '../store/record.ts'
import type { SessionRecord, StoredRecord, TokenStore } from '../store/token-store.ts'
import type { TokenSet } from '../tokens/token-set.ts'
import { inBackground } from './background.ts'
import { bounded } from './bounded-call.ts'
import { emit } from './events.ts'
import type { Job } from './ledger.ts'
import { isFormer } from './lineage.ts'
import { revoke } from './revoke-tokens.ts'
import { type Held, now, type SessionState } from './state.ts'

/*
 * The record in a shared store: read, and written by compare-and-swap only.
 * The algorithm around it is docs/decisions/0004-shared-stores.md.
 */

/** What the store holds of this account. Rejects with `StoreError` for what is not ours to touch. */
export async function readRecord(state: SessionState): Promise<StoredRecord | null> {
  const { account, config } = state
  const found = await reach(state, 'read', (store) => store.read(account))
  if (!found) {
    state.stored = null
    return null
  }
  const record = checkRecord(Object(found).record, account)
  if (record.client !== undefined && record.client !== config.client) {
    const message = `The stored tokens of account ${JSON.stringify(account)} belong to the client ${JSON.stringify(record.client)}, and this session to ${JSON.stringify(config.client) ?? 'none'}: give each its own place in the store (prefix, table, path)`
    throw new StoreError('ERR_STORE_UNAVAILABLE', message)
  }
  state.stored = { ...found, record }
  return state.stored
}

/** Whether a record is older than what this session knows: the store was rolled back, or emptied. */
export function isBehind(state: SessionState, record: SessionRecord | undefined): boolean {
  const { held, lineage, generation } = state
  if (!record) return held !== undefined
  return record.lineage === lineage ? record.generation < generation : isFormer(state, record.lineage)
}

/** Writes what this session knows over a record that is older. */
export function restore(state: SessionState, found: StoredRecord | null): Promise<string | null> {
  const { held, status, generation } = state
  const record = recordOf(state, held?.tokens, generation)
  if (status === 'ended') record.endedAt = now(state)
  return swap(state, record, found?.version ?? null)
}

/**
 * Over a store that holds nothing: names the sign-in that begins without a token, so that all who begin so agree on whose it is.
 * `false`: somebody else was first. There is nothing to lose, so it is not tried again.
 */
export async function plant(state: SessionState): Promise<boolean> {
  try {
    return (await swap(state, recordOf(state, {}, state.generation + 1), null)) !== null
  } catch (error) {
    if (!mayProceed(state, error)) throw error
    return true
  }
}

/** Writes a mark beside these tokens; gives the new version, `null` if something else is stored. */
async function mark(state: SessionState, { tokens, generation }: Held, mark: Partial<SessionRecord>): Promise<string | null> {
  const { stored, lineage } = state
  // Somebody else may have looked meanwhile, and seen what has not been decided upon.
  const same = stored?.record.lineage === lineage && stored.record.generation === generation
  if (stored && !same && !isBehind(state, stored.record)) return null
  return swap(state, { ...recordOf(state, tokens, generation), ...mark }, stored?.version ?? null)
}

/** Over a store: says that a token request with these tokens begins. `false`: somebody else has written meanwhile. */
export async function claim(state: SessionState, parent: Held): Promise<boolean> {
  const { stored, config } = state
  if (!config.store) return true
  // Somebody else's, who has died or is silent: what became of that request is not known.
  if (stored?.record.refreshStartedAt !== undefined && stored.version !== parent.claim) parent.uncertain = true
  try {
    const version = await mark(state, parent, { refreshStartedAt: now(state) })
    if (version === null) return false
    parent.claim = version
  } catch (error) {
    if (!mayProceed(state, error)) throw error
  }
  return true
}

/** Over a store: says that the server has refused these tokens. `false`: somebody else has written meanwhile. */
export async function markEnded(state: SessionState, held: Held): Promise<boolean> {
  if (!state.config.store || state.status === 'ended') return true
  // Without the mark others find out by themselves.
  return mark(state, held, { endedAt: now(state) }).then(
    (version) => version !== null,
    () => true,
  )
}

/** Writes a job, unless what is stored wins over it. */
export async function putRecord(state: SessionState, job: Job): Promise<void> {
  const { record } = job
  let expected: string | null | undefined = job.expected
  let stored = state.stored?.record
  // It holds for one attempt: afterwards only a look can tell.
  job.expected = undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (expected === undefined) {
      const found = await readRecord(state)
      stored = found?.record
      const fate = judge(state, job, record, stored)
      job.overtaken = fate === 'overtaken'
      if (fate === 'written') return revokeReplaced(state, job)
      if (fate === 'overtaken') return revokeOrphan(state, job)
      expected = found?.version ?? null
    }
    // A later intention is on its way to where this would be written.
    if (job !== state.job) {
      job.overtaken = true
      return
    }
    job.replaces = stored?.tokens ?? job.replaces
    if ((await swap(state, record, expected)) !== null) return revokeReplaced(state, job)
    expected = undefined
  }
  throw outdated(state)
}

/** A sign-out revokes what its session held. What it found stored may be newer. */
function revokeReplaced(state: SessionState, { tokens, held, replaces }: Job): void {
  const token = replaces?.refreshToken
  if (tokens || !replaces || token === held?.refreshToken || state.spent.includes(String(token))) return
  inBackground(state, revoke(state, replaces))
}

/** Somebody signed out elsewhere after an attempt to write these: nobody waits here any more who would revoke them. */
function revokeOrphan(state: SessionState, { tokens, tried }: Job): void {
  if (tried && tokens && !state.stored?.record.tokens) inBackground(state, revoke(state, tokens))
}

function judge(
  state: SessionState,
  { kind, tried }: Job,
  record: SessionRecord,
  stored: SessionRecord | undefined,
): 'write' | 'written' | 'overtaken' {
  if (!stored) return 'write'
  if (stored.lineage === record.lineage) {
    // A reply that was lost, an intent or a mark of others, a store that was rolled back.
    if (stored.generation < record.generation) return 'write'
    return stored.generation === record.generation && sameTokens(stored.tokens, record.tokens) ? 'written' : 'overtaken'
  }
  if (kind === 'seed') return 'overtaken'
  if (isFormer(state, stored.lineage)) return 'write'
  // What a sign-in or sign-out finds at once, it replaces. Later on, the other one may be the later one.
  return kind === 'answer' || tried ? 'overtaken' : 'write'
}

function sameTokens(one: TokenSet | null, other: TokenSet | null): boolean {
  return one?.accessToken === other?.accessToken && one?.refreshToken === other?.refreshToken
}

/** The record of these tokens in the present sign-in. */
export function recordOf(
  { lineage, config }: SessionState,
  tokens: Partial<TokenSet> | null | undefined,
  generation: number,
): SessionRecord {
  const record: SessionRecord = { tokens: tokens ? { accessToken: '', ...tokens } : null, generation, lineage }
  if (config.client !== undefined) record.client = config.client
  return record
}

/** Gives the new version; `null` if something else is stored. */
async function swap(state: SessionState, record: SessionRecord, expected: string | null): Promise<string | null> {
  const version = (await reach(state, 'write', (store) => store.write(state.account, record, expected))) ?? null
  if (version !== null) state.stored = { record, version }
  return version
}

/** How often what was read is found to be outdated when it is written over, before that is given up. */
export const ATTEMPTS = 10

/** The store gives what it gave before, and takes nothing in its place: a replica that lags, or a cache. */
export function outdated(state: SessionState): StoreError {
  return degrade(state, new Error('The store gives an outdated record again and again'))
}

/** A step of the store waits for this part of the time that callers wait. */
const PATIENCE = 1 / 4

/** One step of the store. What it rejects with is a `StoreError`. */
async function reach<T>(state: SessionState, name: string, step: (store: TokenStore) => Promise<T>): Promise<T> {
  const { store, refreshTimeoutMs } = state.config
  try {
    const result = await bounded(state, `store.${name}`, refreshTimeoutMs * PATIENCE, async () => step(store as TokenStore))
    state.degraded = false
    return result
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw degrade(state, cause)
    // It can be reached, and says that it is not to be touched.
    state.degraded = false
    throw cause
  }
}

/** The store cannot be reached; told once. */
export function degrade(state: SessionState, cause: unknown): StoreError {
  const error = new StoreError('ERR_STORE_UNAVAILABLE', 'The store could not be reached', cause, true)
  if (!state.degraded) emit(state, 'store-degraded', { error })
  state.degraded = true
  return error
}

/** Whether a token request may be made all the same: the store could not be reached, and that was chosen. */
export function mayProceed({ config }: SessionState, error: unknown): boolean {
  return config.onStoreFailure === 'proceed' && Boolean((error as StoreError).outage)
}
