import type { SessionConfig } from '../session/config.ts'
import { catchUpSoon, follow, unfollow } from '../session/follow-store.ts'
import { beginLineage } from '../session/lineage.ts'
import { become, createState, type Held, hold, now, type SessionState } from '../session/state.ts'
import type { TokenSet } from '../tokens/token-set.ts'

/*
 * An idle session of a pool is kept as text: a tenth of the memory of one that is ready for use.
 */

/** How long it is of interest when a refresh began, in ms. */
const LAUNCH_MS = 10_000

/** What few sessions have to remember beside their tokens. */
type Rarities = Partial<
  Pick<SessionState, 'formerLineages' | 'spent' | 'everStored' | 'drawn' | 'drawnAt' | 'failures' | 'launchedAt' | 'vacant'>
> & {
  held?: Partial<Pick<Held, 'rejected' | 'futile' | 'uncertain' | 'claim'>>
  ageUnknown?: boolean
  signedOut?: boolean
}

/** Whether nothing goes on in it, so that what it remembers is all there is. */
export function isIdle(state: SessionState): boolean {
  const { config, failure, held, stored, flight, opening, writing, looking, locked, following, listeners } = state
  if (config.store === undefined && !(config.load && config.save)) return false
  // Without a mark in a store, nobody else knows that the server refused this pair.
  if (held?.refused && stored?.record.endedAt === undefined) return false
  if (failure && now(state) < failure.at + failure.restMs) return false
  return !(flight || opening || writing || looking || locked || following || listeners.length > 0)
}

/** Puts an idle session to sleep: gives its text, or `undefined` if what is stored tells as much. */
export function putToSleep(state: SessionState): string | undefined {
  const { held, status, lineage, generation, config } = state
  unfollow(state)
  if (status === 'signed-out' ? config.store || state.spent.length === 0 : status !== 'active') return undefined
  const { accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra } = Object(held?.tokens) as Partial<TokenSet>
  const fields = [accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra]
  try {
    return JSON.stringify([lineage, generation, raritiesOf(state), ...fields])
  } catch {
    // In `extra` may be what has no text. Without one it is read again.
    return undefined
  }
}

function raritiesOf(state: SessionState): Rarities {
  const { held, formerLineages, spent, everStored, vacant, drawn, drawnAt, failures, launchedAt } = state
  const rarities: Rarities = { everStored, vacant }
  if (formerLineages.length > 0) rarities.formerLineages = formerLineages
  if (spent.length > 0) rarities.spent = spent
  if (drawn > 0) Object.assign(rarities, { drawn, drawnAt })
  if (failures > 0) rarities.failures = failures
  if (now(state) - launchedAt < LAUNCH_MS) rarities.launchedAt = launchedAt
  if (!held) return { ...rarities, signedOut: true }
  const { rejected, futile, uncertain, claim, milestones } = held
  if (rejected || futile || uncertain || claim) rarities.held = { rejected, futile, uncertain, claim }
  if (milestones.dueAt === 0) rarities.ageUnknown = true
  return rarities
}

/** Makes a session of what {@link putToSleep} gave. */
export function awaken(account: string, config: SessionConfig, text: string): SessionState {
  const given = JSON.parse(text) as [string, number, Rarities, ...unknown[]]
  const [lineage, generation, { held, ageUnknown, signedOut, ...rarities }, ...values] = given
  const [accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra] = values
  const state = Object.assign(createState(account, config), rarities)
  beginLineage(state, lineage, signedOut ? generation : generation - 1)
  if (signedOut) {
    become(state, 'signed-out')
    return state
  }
  const fields = Object.entries({ accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra })
  const tokens = Object.fromEntries(fields.filter(([, value]) => value !== null))
  Object.assign(hold(state, tokens, ageUnknown), held)
  return state
}

/** It is used again: what others have written meanwhile, when nobody told it, is looked at beside. */
export function resume(state: SessionState): void {
  if (state.status === 'unknown' || state.unwatch) return
  follow(state)
  if (state.config.store) catchUpSoon(state)
}
