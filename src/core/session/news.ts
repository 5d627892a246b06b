import { SignedOutError } from '../errors/signed-out-error.ts'
import { readTokens } from '../tokens/read-tokens.ts'
import { differentUsers, succession } from '../tokens/succession.ts'
import { emit } from './events.ts'
import { read } from './ledger.ts'
import { assertLineage, become, beginLineage, type Held, hold, isSpent, now, type SessionState } from './state.ts'

/**
 * Looks whether somebody else has written newer tokens, and makes them the current ones.
 *
 * @returns what is held now, if that is news.
 * @throws SignedOutError when somebody signed out elsewhere; StoreError when that cannot be told.
 */
export async function adoptNews(state: SessionState): Promise<Held | undefined> {
  const { lineage, everStored, writes } = state
  if (!state.config.load || state.writing) return undefined
  const found = await read(state)
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

/** Nobody is signed in any more, though this session did not sign out. */
export function signedOut(state: SessionState): never {
  beginLineage(state)
  become(state, 'signed-out')
  emit(state, 'signed-out')
  throw new SignedOutError('Nobody is signed in any more')
}
