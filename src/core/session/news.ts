import { SignedOutError } from '../errors/signed-out-error.ts'
import { readTokens } from '../tokens/read-tokens.ts'
import { differentUsers, succession } from '../tokens/succession.ts'
import { emit } from './events.ts'
import { read } from './ledger.ts'
import { assertLineage, become, type Held, hold, isSpent, newLineage, now, type SessionState } from './state.ts'

/**
 * Looks whether somebody else has written newer tokens, and makes them the current ones.
 *
 * @returns what is held now, if that is news.
 * @throws SignedOutError when somebody signed out elsewhere; StoreError when that cannot be told.
 */
export async function adoptNews(state: SessionState): Promise<Held | undefined> {
  const { lineage, everStored } = state
  if (!state.config.load || state.writing) return undefined
  const found = await read(state)
  assertLineage(state, lineage)
  if (!found) {
    if (everStored && state.status !== 'signed-out') signedOut(state)
    return undefined
  }
  const { tokens, ageUnknown } = readTokens(found, 'kept', now(state))
  const { accessToken, refreshToken } = tokens
  const old = state.held?.tokens ?? {}
  const same = (refreshToken ?? old.refreshToken) === old.refreshToken && (accessToken ?? old.accessToken) === old.accessToken
  if (same || isSpent(state, accessToken) || isSpent(state, refreshToken) || differentUsers(old, tokens)) return undefined
  // After an end or a sign-out, other tokens come from a new sign-in.
  if (state.status !== 'active') state.lineage = newLineage()
  return hold(state, succession(old, tokens), ageUnknown)
}

/** Nobody is signed in any more, though this session did not sign out. */
export function signedOut(state: SessionState): never {
  state.lineage = newLineage()
  become(state, 'signed-out')
  emit(state, 'signed-out')
  throw new SignedOutError('Nobody is signed in any more')
}
