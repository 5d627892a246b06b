import type { SessionConfig } from '../session/config.ts'
import { createState, now, type SessionState } from '../session/state.ts'

/** The sessions of a pool, by account. */
export interface Register {
  readonly config: SessionConfig
  /** No session starts new work. */
  closed: boolean
  /** The session of an account, and no second one for as long as anything holds the first. */
  get(account: string): SessionState
  /** Lets a session go that was only looked at, if it is idle. */
  dismiss(state: SessionState): void
  /** All that exist. */
  all(): Iterable<SessionState>
}

/** How many are looked at to find one that is idle. */
const ATTEMPTS = 10

export function createRegister(config: SessionConfig, maxIdleSessions: number): Register {
  /** The least recently used first. */
  const kept = new Map<string, SessionState>()
  /**
   * Sessions that were let go. A request that is under way, or a callback, may still hold one; a second one beside it
   * would refresh a second time.
   */
  const released = new Map<string, WeakRef<SessionState>>()
  let sweepAt = 1000

  function keep(state: SessionState): SessionState {
    kept.set(state.account, state)
    for (let attempt = 0; kept.size > maxIdleSessions && attempt < ATTEMPTS; attempt++) {
      const [oldest] = kept.values()
      kept.delete((oldest as SessionState).account)
      if (oldest === state || !isIdle(oldest as SessionState)) kept.set((oldest as SessionState).account, oldest as SessionState)
      else release(oldest as SessionState)
    }
    return state
  }

  function release(state: SessionState): void {
    state.unwatch?.()
    released.set(state.account, new WeakRef(state))
    if (released.size < sweepAt) return
    for (const [account, reference] of released) if (!reference.deref()) released.delete(account)
    sweepAt = Math.max(1000, 2 * released.size)
  }

  function find(account: string): SessionState | undefined {
    const state = kept.get(account) ?? released.get(account)?.deref()
    kept.delete(account)
    released.delete(account)
    return state
  }

  const register: Register = {
    config,
    closed: false,
    get(account) {
      const state = find(account) ?? createState(account, config)
      if (register.closed) state.closed = true
      return keep(state)
    },
    dismiss(state) {
      if (kept.get(state.account) !== state || !isIdle(state)) return
      kept.delete(state.account)
      release(state)
    },
    *all() {
      yield* kept.values()
      for (const reference of released.values()) {
        const state = reference.deref()
        if (state) yield state
      }
    },
  }
  return register
}

/** Nothing would be lost without it: what it knows can be read again. */
function isIdle(state: SessionState): boolean {
  const { config, failure, status } = state
  if (config.store === undefined && !(config.load && config.save)) return false
  // Without a mark in a store, nobody else knows that the server refused this pair.
  if (status === 'ended' && !config.store) return false
  if (failure && now(state) < failure.at + failure.restMs) return false
  return !(state.flight || state.opening || state.writing || state.looking || state.locked || state.following || state.listeners.length > 0)
}
