import { Mutex } from 'async-mutex'
import { waitFor } from '#platform'
import { startTimer } from '../clock.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { StoreError } from '../errors/store-error.ts'
import { settledWithin } from '../wait.ts'
import { backOff } from './back-off.ts'
import { inBackground } from './background.ts'
import { LONGEST_RETRY_AFTER_MS } from './classify.ts'
import { emit } from './events.ts'
import { createFlight, type Flight } from './flight.ts'
import { giveUpAfter, refreshOnce } from './refresh-once.ts'
import { refreshShared } from './shared-refresh.ts'
import { type Held, now, type SessionState } from './state.ts'

/** How long somebody who can do without waits for a running refresh. */
const PATIENCE_MS = 5000
/** `session.refresh()`, and background work, start at most one refresh in this time. */
const INTERVAL_MS = 1000

/** Marks a `refresh` that can do nothing without a refresh token. */
export const NEEDS_REFRESH_TOKEN = Symbol.for('axios-renew.needs-refresh-token')

/**
 * Waits for the running refresh, or starts one. While it rests after a failure, everybody shares the error.
 *
 * @param force start one also during a rest, but at most once a second, and not before `Retry-After`.
 */
export function join(state: SessionState, force = false): Promise<Held> {
  if (!state.flight) {
    const error = restingError(state, force)
    if (error) return Promise.reject(error)
    if (force && justLaunched(state) && state.held) return Promise.resolve(state.held)
  }
  const flight = state.flight ?? launch(state)
  flight.waiters++
  flight.joinedAt ??= now(state)
  return waitFor(state, flight.promise)
}

/** For work in the background that wants to know what came of it: joins the running refresh, or starts one. */
export function renew(state: SessionState): Promise<Held> {
  const error = state.flight ? undefined : restingError(state)
  return error ? Promise.reject(error) : (state.flight ?? launch(state)).promise
}

/** Starts a refresh that nobody waits for, unless one runs, or rests. */
export function refreshInBackground(state: SessionState): void {
  if (state.flight || state.config.refreshAheadMs === 0 || justLaunched(state) || restingError(state)) return
  launch(state)
}

/** Whether a refresh of these tokens can bring anything. */
export function isRefreshable({ config }: SessionState, { tokens }: Held): boolean {
  return tokens.refreshToken !== undefined || !(NEEDS_REFRESH_TOKEN in config.refresh)
}

/** Settles with the running refresh, whatever comes of it, or after 5 s. */
export async function patience({ flight, config }: SessionState): Promise<void> {
  if (!flight) return
  flight.patience ??= settledWithin(flight.promise, PATIENCE_MS, config.clock)
  await flight.patience
}

/** Somebody signed in or out: lets the callers go. The answer under way will be dropped. */
export function abandonFlight(state: SessionState, error: AuthError): void {
  state.flight?.reject(error)
  state.flight?.leave?.(error)
  state.flight = state.failure = undefined
  state.failures = 0
  state.launchedAt = Number.NEGATIVE_INFINITY
}

function justLaunched(state: SessionState): boolean {
  return Math.abs(now(state) - state.launchedAt) < INTERVAL_MS
}

function restingError(state: SessionState, force?: boolean): AuthError | undefined {
  if (state.closed) return new RefreshFailedError('The session is closed')
  if (!state.failure) return undefined
  const { error, at, restMs } = state.failure
  const elapsed = now(state) - at
  // A clock that was turned back ends the rest.
  if (elapsed < 0 || elapsed >= restMs) return undefined
  return force && elapsed >= INTERVAL_MS && !error.retryAfter ? undefined : error
}

function launch(state: SessionState): Flight {
  const { clock, refreshTimeoutMs, aroundRefresh, store } = state.config
  state.mutex ??= new Mutex()
  state.launchedAt = now(state)
  const flight = createFlight(state.lineage, state.launchedAt, state.held)
  flight.stopTimer = startTimer(clock, refreshTimeoutMs, () => {
    const error = overdue(state, flight)
    flight.reject(error)
    flight.leave?.(error)
  })
  state.flight = flight
  const land = (settle: () => void) => {
    flight.stopTimer()
    // Somebody may have signed in or out.
    if (state.flight !== flight) return
    state.flight = state.failure = undefined
    settle()
  }
  const refresh = () => (store ? refreshShared : refreshOnce)(state, flight)
  const done = state.mutex.runExclusive(aroundRefresh ? () => aroundRefresh(state.account, flight, refresh) : refresh).then(
    (held) =>
      land(() => {
        state.failures = 0
        flight.resolve(held)
      }),
    (error) => land(() => flight.reject(rest(state, flight, error))),
  )
  inBackground(
    state,
    done.then(() => state.writing),
  )
  return flight
}

/** After a transient failure the session rests for a while; everybody gets the same error meanwhile. */
function rest(state: SessionState, { startedAt, waiters }: Flight, thrown: AuthError): AuthError {
  const at = now(state)
  if (/SESSION|SIGNED/.test(thrown.code)) return thrown
  const details = { waiters, durationMs: at - startedAt }
  if (thrown instanceof StoreError) {
    // No token request was made, so that nothing has to rest.
    state.launchedAt = Number.NEGATIVE_INFINITY
    emit(state, 'refresh-failed', { ...details, error: thrown })
    return thrown
  }
  const { message, code, cause, retryAfter: asked, retryAt: wanted } = thrown as RefreshFailedError
  // A `refresh` of the app may say anything: what is no time is not obeyed.
  const retryAfter = Number.isFinite(asked) ? Math.min(asked as number, LONGEST_RETRY_AFTER_MS) : undefined
  const retryAt = Number.isFinite(wanted) ? (wanted as number) : at + (retryAfter ?? backOff(++state.failures))
  const error = thrown instanceof RefreshFailedError ? new RefreshFailedError(message, { code, cause, retryAfter, retryAt }) : thrown
  state.failure = { error, at, restMs: retryAt - at }
  emit(state, 'refresh-failed', { ...details, error, retryAt })
  return error
}

/** Why the callers leave while the refresh goes on. */
function overdue(state: SessionState, { sentAt, looking, leave }: Flight): AuthError {
  const { refreshTimeoutMs } = state.config
  if (leave) return new StoreError('ERR_LOCK_TIMEOUT', `The lock of the account was busy for ${refreshTimeoutMs} ms`)
  const sent = sentAt !== undefined
  const what = sent ? 'The answer to the token request' : looking ? 'Loading the stored tokens' : 'Getting ready for the token request'
  const message =
    `${what} took longer than ${refreshTimeoutMs} ms. ` +
    'Does refresh, load or save use the client of this session? It would wait for itself: use another client there'
  if (sent) return new RefreshFailedError(message, { code: 'ERR_REFRESH_UNCERTAIN', retryAt: sentAt + giveUpAfter(state) })
  return looking ? new StoreError('ERR_STORE_UNAVAILABLE', message) : new RefreshFailedError(message)
}
