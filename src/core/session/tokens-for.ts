import { assertOutside } from '#platform'
import { expectType } from '../check-options.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'
import { SignedOutError } from '../errors/signed-out-error.ts'
import type { TokenSet } from '../tokens/token-set.ts'
import { type Milestones, milestones } from '../tokens/validity.ts'
import { assertLineage } from './lineage.ts'
import { worthRefreshing } from './rejections.ts'
import { present } from './sign-in.ts'
import { isRefreshable, join, patience, refreshInBackground } from './single-flight.ts'
import { type Held, isAlive, now, recognise, type SessionState } from './state.ts'

/** What somebody needs tokens for. */
export interface Need {
  /** Without tokens it is of no use: reject instead of giving none. */
  strict?: boolean
  /** It can be sent only once, so it rather waits for a refresh than risks a 401. */
  oneShot?: boolean
  /** How long the token must still be valid, in ms. */
  minValidityMs?: number
}

/** The tokens to send right now, if there is nothing to wait for and nothing to do. */
export function readyTokens(state: SessionState): Held | undefined {
  const { held } = state
  if (state.status !== 'active' || !held || held.rejected || state.opening) return undefined
  return now(state) < held.milestones.dueAt ? held : undefined
}

/** The tokens to send; waits only if it must refresh. `undefined`: send without. */
export async function usableTokens(state: SessionState, need: Need): Promise<Held | undefined> {
  await present(state)
  const { lineage } = state
  for (let patient = true; ; patient = false) {
    const { held, status } = state
    if (!held) return none(state, need, new SignedOutError())
    if (status === 'ended') return held.rejected || !isAlive(state, held) ? none(state, need, new SessionEndedError()) : held
    const { dueAt, expiringAt, expiresAt } = lifeFor(state, held, need)
    const at = now(state)
    const refreshable = isRefreshable(state, held)
    if (at >= (refreshable ? (need.oneShot ? dueAt : expiringAt) : expiresAt)) return refreshed(state, lineage)
    if (at >= dueAt && refreshable) refreshInBackground(state)
    // A rejected token is not sent while its refresh runs: one rejection must not become a storm.
    if (!held.rejected || !state.flight || !patient) return held
    await patience(state)
    assertLineage(state, lineage)
  }
}

function lifeFor({ config, jitter }: SessionState, { tokens, milestones: usual }: Held, { minValidityMs }: Need): Milestones {
  return minValidityMs === undefined ? usual : milestones(tokens, { ...config, minValidityMs }, jitter)
}

/** Nobody is signed in: a pool's requests are of no use then, a single session's may be to sign in. */
function none({ config }: SessionState, { strict }: Need, error: Error): undefined {
  if (strict || config.pool) throw error
}

/** Waits for a refresh. While it fails, a token that still works is served, unless it was rejected. */
async function refreshed(state: SessionState, lineage: string): Promise<Held> {
  try {
    return await join(state)
  } catch (error) {
    assertLineage(state, lineage)
    const { held } = state
    if (!held || held.rejected || !isAlive(state, held)) throw error
    return held
  }
}

/**
 * Whether a refusal should lead to other tokens. If not, it is handed to the caller.
 *
 * @param sent the tokens the request was sent with.
 * @param endpoint origin and path.
 */
export function canReplace(state: SessionState, sent: Held, endpoint: string): boolean {
  const { held, status } = state
  // Whoever is signed in now, or about to be, it is not the one this request was made for.
  if (!held || state.lineage !== sent.lineage) return false
  return held.generation !== sent.generation || status === 'ended' || worthRefreshing(state, held, endpoint)
}

/**
 * The tokens to replay a refused request with. Thousands may wait here at once, so they wait for the
 * refresh itself and for nothing of their own.
 */
export function replacement(state: SessionState, sent: Held): Promise<Held> {
  const current = state.held as Held
  return current.generation === sent.generation || current.rejected ? replace(state, current) : replacementByNow(state, sent)
}

/** The refusal came late: the tokens have been replaced already. */
async function replacementByNow(state: SessionState, sent: Held): Promise<Held> {
  const held = await usableTokens(state, { strict: true })
  assertLineage(state, sent.lineage)
  return held as Held
}

/** `session.getTokens` */
export async function getTokens(state: SessionState, minValidityMs?: number): Promise<TokenSet> {
  if (minValidityMs !== undefined) expectType("getTokens: option 'minValidityMs'", minValidityMs, 'number')
  assertOutside(state)
  const held = await usableTokens(state, { strict: true, minValidityMs })
  return held?.tokens as TokenSet
}

/** `session.refresh` */
export async function refresh(state: SessionState, rejected?: TokenSet): Promise<TokenSet> {
  assertOutside(state)
  await present(state)
  const { held } = state
  if (!held) throw new SignedOutError()
  if (rejected && isReplaced(state, rejected, held)) return getTokens(state)
  if (!rejected && state.status === 'ended') throw new SessionEndedError()
  const fresh = await (rejected ? replace(state, held) : join(state, true))
  return fresh.tokens as TokenSet
}

/** Whether these tokens have been replaced; throws if they belong to a former sign-in. */
function isReplaced(state: SessionState, tokens: TokenSet, held: Held): boolean {
  const known = recognise(tokens)
  if (known?.owner !== state) return tokens.accessToken !== held.tokens.accessToken
  assertLineage(state, known.lineage)
  return known.generation !== held.generation
}

function replace(state: SessionState, held: Held): Promise<Held> {
  held.rejected = true
  return state.status === 'ended' ? Promise.reject(new SessionEndedError()) : join(state)
}
