import { SessionEndedError } from '../errors/session-ended-error.ts'
import { SignedOutError } from '../errors/signed-out-error.ts'
import type { SessionRecord } from '../store/token-store.ts'
import { readTokens } from '../tokens/read-tokens.ts'
import { differentUsers, succession } from '../tokens/succession.ts'
import { end } from './end-session.ts'
import { emit } from './events.ts'
import type { Flight } from './flight.ts'
import { assertLineage, beginLineage } from './lineage.ts'
import { ATTEMPTS, isBehind, outdated, readRecord, restore } from './shared-record.ts'
import { isSpent } from './spent-tokens.ts'
import { become, type Held, hold, now, type SessionState } from './state.ts'
import { storageOf } from './storage.ts'

/** After this time a pair that the server refused is tried once more, in ms. */
const ENDED_FOR_MS = 24 * 3600_000

/**
 * Looks whether somebody else has written newer tokens, and makes them the current ones.
 *
 * @returns what is held now, if that is news.
 * @throws SignedOutError when somebody signed out elsewhere; StoreError when that cannot be told.
 */
export async function adoptNews(state: SessionState): Promise<Held | undefined> {
  const { store, load } = state.config
  if ((!store && !load) || state.writing) return undefined
  return store ? adoptRecord(state) : adoptLoaded(state)
}

/** From a store, where generations tell what is newer. */
async function adoptRecord(state: SessionState): Promise<Held | undefined> {
  const { lineage, writes } = state
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await readRecord(state)
    assertLineage(state, lineage)
    // What was read may be older than what was written meanwhile.
    if (writes !== state.writes) return undefined
    if (!isBehind(state, found?.record)) return takeRecord(state, found?.record)
    if ((await restore(state, found)) !== null) return undefined
  }
  throw outdated(state)
}

/** Makes what a record says the state of the session; gives what is held now, if that is news. */
export function takeRecord(state: SessionState, record: SessionRecord | undefined): Held | undefined {
  const { held, status } = state
  if (!record) {
    state.vacant = true
    return undefined
  }
  if (!record.tokens) {
    if (status === 'signed-out') return undefined
    if (status !== 'unknown') signedOut(state, record)
    beginLineage(state, record.lineage)
    become(state, 'signed-out')
    return undefined
  }
  const { endedAt } = record
  const ended = endedAt !== undefined && now(state) - endedAt < ENDED_FOR_MS
  if (held && record.lineage === state.lineage && record.generation === state.generation) {
    if (ended === (status === 'ended') || endedAt === undefined) return undefined
    if (ended) return endAlike(state, held)
    held.refused = undefined
    become(state, 'active', held)
    return undefined
  }
  const { tokens, ageUnknown } = readTokens(record.tokens, 'kept', now(state))
  beginLineage(state, record.lineage, record.generation - 1)
  const fresh = hold(state, tokens, ageUnknown)
  if (ended) endAlike(state, fresh)
  return fresh
}

/** Another session of this account was refused. */
function endAlike(state: SessionState, held: Held): undefined {
  end(state, held, held.refused ?? new SessionEndedError('The server refused the refresh token to another process: sign in again'))
}

/** From `load`, where only the tokens themselves can be compared. */
async function adoptLoaded(state: SessionState): Promise<Held | undefined> {
  const { lineage, everStored, writes } = state
  const found = await storageOf(state).read(state)
  assertLineage(state, lineage)
  // What was read may be older than what was written meanwhile, or be a former sign-out that is written late.
  if (writes !== state.writes || (!found && state.overdue > 0)) return undefined
  if (!found) {
    state.vacant = true
    if (everStored && state.status !== 'signed-out') signedOut(state)
    return undefined
  }
  const { tokens, ageUnknown } = readTokens(found, 'kept', now(state))
  const { accessToken, refreshToken } = tokens
  if (isSpent(state, tokens)) return undefined
  const old = state.held?.tokens
  // After an end or a sign-out, other tokens come from a new sign-in, whoever that is.
  const continues = state.status === 'active'
  const same = old
    ? (refreshToken ?? old.refreshToken) === old.refreshToken && (accessToken ?? old.accessToken) === old.accessToken
    : !accessToken && !refreshToken && !state.vacant
  if (same || (continues && old && differentUsers(old, tokens))) return undefined
  if (continues) return hold(state, succession(old ?? {}, tokens), ageUnknown)
  beginLineage(state)
  return hold(state, tokens, ageUnknown)
}

/** Tells that a new pair is in use; of an adopted one once, whoever has brought it. */
export function publish(
  state: SessionState,
  { startedAt, waiters }: Pick<Flight, 'startedAt' | 'waiters'>,
  held: Held,
  adopted: boolean,
): Held {
  if (adopted && held.adopted !== undefined) return held
  held.adopted = adopted
  emit(state, 'refreshed', { adopted, waiters, durationMs: now(state) - startedAt, expiresAt: held.tokens.expiresAt })
  return held
}

/** Tells of tokens that came from elsewhere, outside a refresh of this session. */
export function announce(state: SessionState, lineage: string, held: Held): void {
  if (state.lineage === lineage) {
    publish(state, { startedAt: now(state), waiters: 0 }, held, true)
  } else if (held.adopted === undefined) {
    held.adopted = true
    emit(state, 'signed-in', { adopted: true })
  }
}

/** Looks for a refresh of one sign-in: throws `SignedOutError` when there is another one by now. */
export async function adoptWithin(state: SessionState, lineage: string): Promise<Held | undefined> {
  const news = await adoptNews(state)
  if (news && state.lineage !== lineage) announce(state, lineage, news)
  assertLineage(state, lineage)
  return news
}

/** Nobody is signed in any more, though this session did not sign out. */
export function signedOut(state: SessionState, record?: SessionRecord): never {
  beginLineage(state, record?.lineage)
  become(state, 'signed-out')
  emit(state, 'signed-out')
  throw new SignedOutError()
}
