import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'
import { SignedOutError } from '../errors/signed-out-error.ts'
import { caughtUp } from '../session/follow-store.ts'
import { present } from '../session/sign-in.ts'
import { isRefreshable, renew } from '../session/single-flight.ts'
import type { Held, SessionState } from '../session/state.ts'
import { createPause, type Pause } from './endpoint-pause.ts'
import type { RenewReport } from './renew-due.ts'
import type { Register } from './session-register.ts'

/** What a run of `renewDue` does with each account, and what came of it so far. */
export interface Renewal {
  readonly report: RenewReport
  readonly pause: Pause
  /** Aborts when no further account is to be looked at. */
  readonly end: AbortSignal
  stop(reason?: AuthError): void
  /** Never rejects: what goes wrong is in the report. */
  renewIfDue(state: SessionState): Promise<void>
}

/** So many refusals of different accounts without a success in between tell of a wrong deployment. */
const REFUSALS = 5
/** How often an account is tried whose token request was turned away because of too many. */
const ATTEMPTS = 3

/** @param horizon what expires before is due, in ms since the epoch. */
export function createRenewal({ config: { clock } }: Register, horizon: number): Renewal {
  const startedAt = clock.now()
  const report: RenewReport = { examined: 0, renewed: 0, adopted: 0, ended: [], failed: [] }
  const ending = new AbortController()
  const end = ending.signal
  const pause = createPause(clock, end)
  let refusals = 0

  function stop(reason?: AuthError): void {
    if (end.aborted) return
    if (reason) report.stopped = reason
    ending.abort()
  }

  /** Whoever displays the report may have frozen the list. */
  function noteEnded(account: string): void {
    report.ended = [...report.ended, account]
  }

  async function look(state: SessionState): Promise<void> {
    await present(state)
    // It slept, and others may have written meanwhile.
    await caughtUp(state)
    const { held, status } = state
    if (status === 'ended') noteEnded(state.account)
    if (status !== 'active' || !held || !expires(held)) return
    // Another worker has just been here.
    if (held.tokens.issuedAt && held.tokens.issuedAt > startedAt) report.adopted++
    else if (isRefreshable(state, held)) await attempt(state, held, ATTEMPTS)
    else throw new RefreshFailedError('There is no refresh token: the user must sign in again before the access token expires')
  }

  async function attempt(state: SessionState, due: Held, left: number, former?: AuthError): Promise<void> {
    await pause.over()
    const { held, status } = state
    // Requests do not pause, and other workers pause as long as they see fit: one of them may have been here.
    if (status === 'ended') noteEnded(state.account)
    if (status === 'ended' || held?.lineage !== due.lineage) return
    if (isRenewed(due, held)) {
      report.adopted++
      return
    }
    if (end.aborted) {
      if (former) throw former
      return
    }
    try {
      const { adopted } = await renew(state)
      refusals = 0
      pause.reset()
      // What a watcher has brought meanwhile says neither.
      if (adopted === false) report.renewed++
      else report.adopted++
    } catch (error) {
      const paused = pause.begin(error)
      // When it is uncertain what became of the request, the refresh token may be spent.
      if (!paused || left === 1 || (error as AuthError).code !== 'ERR_REFRESH_FAILED') throw error
      await attempt(state, due, left - 1, error as AuthError)
    }
  }

  function expires({ tokens: { expiresAt, accessToken } }: Held): boolean {
    return !accessToken || (expiresAt !== undefined && expiresAt < horizon)
  }

  function count(account: string, error: AuthError): void {
    // Somebody signed out, or in anew, just now: there is nothing to renew.
    if (error instanceof SignedOutError) return
    if (error instanceof SessionEndedError) noteEnded(account)
    else report.failed = [...report.failed, { account, error }]
    if (!(error instanceof SessionEndedError) && error.code !== 'ERR_CLIENT_REJECTED') return
    refusals++
    if (refusals < REFUSALS) return
    const message = `The server refused ${REFUSALS} accounts one after another: is this the right client, and the right store?`
    stop(new RefreshFailedError(message, { code: 'ERR_CLIENT_REJECTED', cause: error }))
  }

  return { report, pause, end, stop, renewIfDue: (state) => look(state).catch((error) => count(state.account, error)) }
}

/** Whether there is another access token, and not only another refresh token. */
function isRenewed({ tokens: before }: Held, { tokens }: Held): boolean {
  return tokens.accessToken !== before.accessToken || tokens.expiresAt !== before.expiresAt
}
