import type { SessionConfig } from '../session/config.ts'
import { CHANGE, type EventSource, listen, type SessionEvent } from '../session/events.ts'
import { caughtUp } from '../session/follow-store.ts'
import { createState, now, type SessionState } from '../session/state.ts'
import { awaken, isIdle, putToSleep, resume } from './sleeping-session.ts'

/** The sessions of a pool, by account. */
export interface Register {
  readonly config: SessionConfig
  /** Aborts when no session starts new work any more. */
  readonly closing: AbortController
  /** The session of an account, and no second one for as long as anything holds the first. */
  get(account: string): SessionState
  /** Like `get`, for somebody who only looks: it does not take the place of one that is in use. Ends with `leave`. */
  visit(account: string): SessionState
  leave(state: SessionState): Promise<void>
  /** All that are ready for use, or still held by somebody. */
  all(): Iterable<SessionState>
}

/** How many sessions are kept ready for use. */
const AWAKE = 250
/** How many are looked at to find one that is idle. */
const ATTEMPTS = 10
/** How long a request that was refused may take to be replayed, in ms: what comes of that is to be remembered. */
const REPLAY_MS = 60_000

export function createRegister(config: SessionConfig, everyone: EventSource, maxIdleSessions: number): Register {
  const most = Math.min(AWAKE, maxIdleSessions)
  /** Ready for use; the least recently used first. */
  const awake = new Map<string, SessionState>()
  /** As text; the least recently used first. */
  const asleep = new Map<string, string>()
  /** Those that are only looked at. */
  const visited = new Map<string, SessionState>()
  /**
   * Sessions that were put to sleep. A request that is under way, or a callback, may still hold one; a second one beside it
   * would refresh a second time.
   */
  const released = new Map<string, WeakRef<SessionState>>()
  const gone =
    typeof FinalizationRegistry === 'undefined'
      ? undefined
      : new FinalizationRegistry((account: string) => {
          if (!released.get(account)?.deref()) released.delete(account)
        })
  /** Accounts whose sessions were closed, and then put to sleep: closed they stay. */
  const closed = new Set<string>()
  /** When a request of theirs was last replayed. */
  const replayedAt = new WeakMap<SessionState, number>()

  /** Where nothing tells what is still held (Hermes, of React Native), none may: a phone has few accounts. */
  function mayRest(state: SessionState): boolean {
    return gone !== undefined && isIdle(state) && Math.abs(now(state) - (replayedAt.get(state) ?? Number.NEGATIVE_INFINITY)) >= REPLAY_MS
  }

  function keep(state: SessionState): SessionState {
    awake.set(state.account, state)
    for (let attempt = 0; awake.size > most && attempt < ATTEMPTS; attempt++) {
      const [oldest = state] = awake.values()
      awake.delete(oldest.account)
      if (oldest === state || !mayRest(oldest)) awake.set(oldest.account, oldest)
      else release(oldest, true)
    }
    return state
  }

  function release(state: SessionState, remember: boolean): void {
    const text = putToSleep(state)
    if (text && remember && maxIdleSessions > most) asleep.set(state.account, text)
    else asleep.delete(state.account)
    if (asleep.size > maxIdleSessions - most) forgetOldest()
    released.set(state.account, new WeakRef(state))
    if (state.closed) closed.add(state.account)
  }

  /** A hundredth at once: a map of which only the first is taken away looks for it among all that were, each time. */
  function forgetOldest(): void {
    let count = Math.ceil(asleep.size / 100)
    for (const account of asleep.keys()) {
      if (count-- === 0) return
      asleep.delete(account)
    }
  }

  function find(account: string): SessionState {
    const present = awake.get(account) ?? visited.get(account)
    if (present) return present
    const text = asleep.get(account)
    let state = released.get(account)?.deref()
    if (!state) {
      state = text ? awaken(account, config, text) : createState(account, config)
      gone?.register(state, account)
    }
    released.delete(account)
    if (register.closing.signal.aborted || closed.has(account)) state.closed = true
    resume(state)
    return state
  }

  /** What a request has brought about in a session that was put to sleep meanwhile is not in its text. */
  function remember(account: string): SessionState | undefined {
    return awake.get(account) ?? visited.get(account) ?? (released.get(account)?.deref() && register.get(account))
  }

  const register: Register = {
    config,
    closing: new AbortController(),
    get(account) {
      const state = find(account)
      awake.delete(account)
      asleep.delete(account)
      return keep(state)
    },
    visit(account) {
      const state = find(account)
      if (!awake.has(account)) visited.set(account, state)
      return state
    },
    async leave(state) {
      const { account } = state
      await caughtUp(state)
      if (!visited.delete(account) || awake.has(account)) return
      if (mayRest(state)) return release(state, asleep.has(account))
      asleep.delete(account)
      keep(state)
    },
    *all() {
      yield* awake.values()
      yield* visited.values()
      for (const reference of released.values()) {
        const state = reference.deref()
        if (state) yield state
      }
    },
  }
  for (const name of [CHANGE, 'refresh-failed']) listen(everyone, name, ({ account }: SessionEvent) => void remember(account))
  listen(everyone, 'replayed', ({ account }: SessionEvent) => {
    const state = remember(account)
    if (state) replayedAt.set(state, now(state))
  })
  return register
}

/** Where clients find the inside of a pool, also across the ESM and CommonJS copies. */
export const REGISTER = Symbol.for('axios-renew.register')

/** Gives the inside of a pool; `undefined` if it is none. */
export function registerOf(pool: unknown): Register | undefined {
  return Object(pool)[REGISTER]
}
