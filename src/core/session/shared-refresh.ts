import { StoreError } from '../errors/store-error.ts'
import type { Lease, TokenStore } from '../store/token-store.ts'
import type { Flight } from './flight.ts'
import { assertLineage, lineageOver } from './lineage.ts'
import { adoptWithin, publish } from './news.ts'
import { LEASE_LOST, refreshOnce, replacement } from './refresh-once.ts'
import { degrade, mayProceed } from './shared-record.ts'
import type { Held, SessionState } from './state.ts'

/**
 * One refresh over a shared store: look, wait for the account's lock, and refresh under it. Whoever waits leaves when
 * somebody else has written; nobody passes the lock along. See docs/decisions/0004-shared-stores.md.
 */
export async function refreshShared(state: SessionState, flight: Flight): Promise<Held> {
  for (let attempt = 1; ; attempt++) {
    // A pair is only used as the parent of the next when it is written: after a crash nobody would know it.
    if (state.writing && state.config.onStoreFailure !== 'proceed')
      throw new StoreError('ERR_SAVE_FAILED', 'The pair is not saved yet: no token request is made')
    try {
      const known = await lookFor(state, flight)
      return known ?? (await underLock(state, flight))
    } catch (error) {
      if (error === LEASE_LOST && attempt < ATTEMPTS) continue
      if (error === LEASE_LOST) throw new StoreError('ERR_LOCK_TIMEOUT', 'The lock was lost again and again: is leaseMs too short?')
      if (!mayProceed(state, error)) throw error
      return refreshOnce(state, flight)
    }
  }
}

/** How often a lock may be lost before the request has left. */
const ATTEMPTS = 5

/** What somebody else has written, if that will do. */
async function lookFor(state: SessionState, flight: Flight): Promise<Held | undefined> {
  assertLineage(state, flight.lineage)
  await adoptWithin(state, flight.lineage)
  const held = replacement(state, flight)
  return held && publish(state, flight, held, true)
}

function underLock(state: SessionState, flight: Flight): Promise<Held> {
  const { account, config } = state
  const store = config.store as TokenStore
  const leaving = new AbortController()
  return new Promise<Held>((resolve, reject) => {
    let begun = false
    const stepAside = (): boolean => {
      const held = replacement(state, flight)
      if (held) resolve(publish(state, flight, held, true))
      return held !== undefined
    }
    const leaveQueue = () => {
      if (state.lineage !== flight.lineage) leaving.abort(lineageOver())
      else if (state.status === 'ended') leaving.abort(state.held?.refused)
      else if (stepAside()) leaving.abort()
    }
    const left = () => {
      if (state.leaveQueue === leaveQueue) state.leaveQueue = undefined
      flight.leave = undefined
    }
    const over = (error?: unknown) => {
      // The work tells by itself what came of it.
      if (begun) return
      begun = true
      left()
      const { aborted, reason } = leaving.signal
      reject(aborted ? reason : error instanceof StoreError ? error : degrade(state, error))
    }
    const work = async (lease: Lease) => {
      if (begun || leaving.signal.aborted) return
      left()
      begun = true
      if (stepAside()) return
      try {
        resolve(await refreshOnce(state, flight, lease))
      } catch (error) {
        reject(error)
      }
      // While a pair is unsaved nobody else may begin with the one before: unless it can be used again and again.
      if (config.onStoreFailure !== 'proceed') await state.writing
    }
    state.leaveQueue = leaveQueue
    flight.leave = (reason) => leaving.abort(reason)
    // A store that hangs may never notice that nobody waits any more.
    leaving.signal.addEventListener('abort', () => over())
    const locked = (async () => store.lock(account, work, { waitMs: config.refreshTimeoutMs, signal: leaving.signal }))()
    const done: Promise<void> = locked
      .then(() => over(), over)
      .finally(() => {
        if (state.locked === done) state.locked = undefined
      })
    state.locked = done
  })
}
