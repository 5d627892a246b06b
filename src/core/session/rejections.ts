import { type Held, now, type SessionState } from './state.ts'

/** Futile refreshes that may follow each other. */
const CAPACITY = 6
/** How long until one more is granted. */
const REFILL_MS = 60_000
/** How many endpoints are remembered before all are forgotten. */
const MEMORY = 200

/**
 * An endpoint (origin and path) took these tokens.
 *
 * Nothing is remembered before the first futile refresh: when the bucket is empty, the tokens held are
 * newer than that.
 */
export function accepted(state: SessionState, held: Held, endpoint: () => string): void {
  if (state.drawn === 0 || held !== state.held) return
  if (state.acceptedBy?.held !== held) state.acceptedBy = { held, endpoints: new Set() }
  const { endpoints } = state.acceptedBy
  if (endpoints.size >= MEMORY) endpoints.clear()
  endpoints.add(endpoint())
}

/**
 * Whether a 401 from this endpoint is worth a refresh.
 *
 * A refresh is futile when the request that asked for it is refused again with the new token. Futile
 * ones draw on a bucket; when it is empty, 401s are handed to the caller. A 401 from an endpoint
 * that had accepted this very token set is a revocation, and always worth a refresh.
 */
export function worthRefreshing(state: SessionState, held: Held, endpoint: string): boolean {
  const { acceptedBy } = state
  return drawn(state) <= CAPACITY - 1 || (acceptedBy?.held === held && acceptedBy.endpoints.has(endpoint))
}

/** A request that was replayed with these tokens was refused again. */
export function futile(state: SessionState, held: Held): void {
  if (held.futile) return
  held.futile = true
  state.drawn = drawn(state) + 1
  state.drawnAt = now(state)
}

function drawn(state: SessionState): number {
  return Math.max(0, state.drawn - Math.max(0, now(state) - state.drawnAt) / REFILL_MS)
}
