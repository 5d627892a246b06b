import type { SessionConfig } from '../session/config.ts'
import { catchUpSoon, follow } from '../session/follow.ts'
import { beginLineage, createState, hold, now, type SessionState } from '../session/state.ts'

/*
 * An idle session of a pool is kept as text: a tenth of the memory of one that is ready for use.
 */

/** What is not worth a look whether others have written meanwhile, in ms. */
const FRESH_MS = 10_000

/** What few sessions have to remember beside their tokens. */
type Rarities = Partial<Pick<SessionState, 'formerLineages' | 'spent' | 'everStored' | 'drawn' | 'drawnAt'>>

/** Whether nothing goes on in it, so that what it remembers is all there is. */
export function isIdle(state: SessionState): boolean {
  const { config, failure, status, flight, opening, writing, looking, locked, following, listeners } = state
  if (config.store === undefined && !(config.load && config.save)) return false
  // Without a mark in a store, nobody else knows that the server refused this pair.
  if (status === 'ended' && !config.store) return false
  if (failure && now(state) < failure.at + failure.restMs) return false
  return !(flight || opening || writing || looking || locked || following || listeners.length > 0)
}

/** Puts an idle session to sleep: gives its text, or `undefined` if what is stored tells as much. */
export function putToSleep(state: SessionState): string | undefined {
  const { held, status, unwatch, lineage, generation, formerLineages, spent, everStored, drawn, drawnAt } = state
  if (unwatch) state.seenAt = now(state)
  unwatch?.()
  if (status !== 'active' || !held || held.rejected || held.uncertain) return undefined
  const { accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra } = held.tokens
  const rarities: Rarities = { everStored }
  if (formerLineages.length > 0) rarities.formerLineages = formerLineages
  if (spent.length > 0) rarities.spent = spent
  if (drawn > 0) Object.assign(rarities, { drawn, drawnAt })
  return JSON.stringify([
    lineage,
    generation,
    state.seenAt,
    rarities,
    accessToken,
    refreshToken,
    expiresAt,
    issuedAt,
    scope,
    tokenType,
    extra,
  ])
}

/** Makes a session of what {@link putToSleep} gave. */
export function awaken(account: string, config: SessionConfig, text: string): SessionState {
  const given = JSON.parse(text) as [string, number, number | null, Rarities, ...unknown[]]
  const [lineage, generation, seenAt, rarities, accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra] = given
  const state = Object.assign(createState(account, config), { seenAt: seenAt ?? undefined, ...rarities })
  beginLineage(state, lineage, generation - 1)
  const fields = Object.entries({ accessToken, refreshToken, expiresAt, issuedAt, scope, tokenType, extra })
  hold(state, Object.fromEntries(fields.filter(([, value]) => value !== null)))
  return state
}

/** It is used again: what others have written meanwhile is looked at beside. */
export function resume(state: SessionState): void {
  if (state.status === 'unknown' || state.unwatch) return
  follow(state)
  if (state.config.store && now(state) - (state.seenAt ?? 0) > FRESH_MS) catchUpSoon(state)
}
