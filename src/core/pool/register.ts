import type { SessionConfig } from '../session/config.ts'
import { createState, type SessionState } from '../session/state.ts'
import { awaken, isIdle, putToSleep, resume } from './sleep.ts'

/** The sessions of a pool, by account. */
export interface Register {
  readonly config: SessionConfig
  /** No session starts new work. */
  closed: boolean
  /** The session of an account, and no second one for as long as anything holds the first. */
  get(account: string): SessionState
  /** Lets a session go that was only looked at, if it is idle. */
  dismiss(state: SessionState): void
  /** All that are awake. */
  all(): Iterable<SessionState>
}

/** How many sessions are kept ready for use. */
const AWAKE = 100
/** How many are looked at to find one that is idle. */
const ATTEMPTS = 10

export function createRegister(config: SessionConfig, maxIdleSessions: number): Register {
  const most = Math.min(AWAKE, maxIdleSessions)
  /** Ready for use; the least recently used first. */
  const awake = new Map<string, SessionState>()
  /** As text; the least recently used first. */
  const asleep = new Map<string, string>()
  /**
   * Sessions that were put to sleep. A request that is under way, or a callback, may still hold one; a second one beside it
   * would refresh a second time.
   */
  const released = new Map<string, WeakRef<SessionState>>()
  let sweepAt = AWAKE

  function keep(state: SessionState): SessionState {
    awake.set(state.account, state)
    for (let attempt = 0; awake.size > most && attempt < ATTEMPTS; attempt++) {
      const [oldest = state] = awake.values()
      awake.delete(oldest.account)
      if (oldest === state || !isIdle(oldest)) awake.set(oldest.account, oldest)
      else release(oldest)
    }
    return state
  }

  function release(state: SessionState): void {
    const text = putToSleep(state)
    if (text && maxIdleSessions > most) asleep.set(state.account, text)
    const [oldest] = asleep.keys()
    if (asleep.size > maxIdleSessions - most && oldest !== undefined) asleep.delete(oldest)
    released.set(state.account, new WeakRef(state))
    if (released.size < sweepAt) return
    for (const [account, reference] of released) if (!reference.deref()) released.delete(account)
    sweepAt = Math.max(AWAKE, 2 * released.size)
  }

  function find(account: string): SessionState {
    const ready = awake.get(account)
    if (ready) return ready
    const text = asleep.get(account)
    const state = released.get(account)?.deref() ?? (text ? awaken(account, config, text) : createState(account, config))
    asleep.delete(account)
    released.delete(account)
    resume(state)
    return state
  }

  const register: Register = {
    config,
    closed: false,
    get(account) {
      const state = find(account)
      awake.delete(account)
      if (register.closed) state.closed = true
      return keep(state)
    },
    dismiss(state) {
      if (awake.get(state.account) !== state || !isIdle(state)) return
      awake.delete(state.account)
      release(state)
    },
    *all() {
      yield* awake.values()
      for (const reference of released.values()) {
        const state = reference.deref()
        if (state) yield state
      }
    },
  }
  return register
}
