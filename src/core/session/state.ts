import type { Mutex } from 'async-mutex'
import { type AuthError, hide } from '../errors/auth-error.ts'
import type { SessionEndedError } from '../errors/session-ended-error.ts'
import type { StoredRecord } from '../store/token-store.ts'
import type { TokenSet } from '../tokens/token-set.ts'
import { type Milestones, milestones } from '../tokens/validity.ts'
import type { SessionConfig } from './config.ts'
import { CHANGE, type EventSource, emit } from './events.ts'
import type { Flight } from './flight.ts'
import type { Job } from './ledger.ts'
import { newLineage } from './lineage.ts'
import { spend } from './spent-tokens.ts'

/**
 * What is known of a session:
 * - `unknown`: not used yet, so nothing has been loaded.
 * - `signed-out`: nobody is signed in.
 * - `active`: there are tokens.
 * - `ended`: the server refused the refresh token.
 */
export type SessionStatus = 'unknown' | 'signed-out' | 'active' | 'ended'

/** What a UI wants to know; the same object until something changes. */
export interface SessionSnapshot {
  /** What is known of the session now. */
  readonly status: SessionStatus
  /** When the access token stops working, in ms since the epoch; absent when unknown. */
  readonly expiresAt?: number
  /** How many token sets the session has had since the sign-in. */
  readonly generation: number
}

/**
 * A token set with its place in history. Requests remember the one they were sent with, so that a
 * late 401 can be told from a new one. Token values are never compared for that: some servers return
 * the same access token again.
 */
export interface Held {
  readonly tokens: Readonly<Partial<TokenSet>>
  readonly generation: number
  /** Changes at every sign-in: tokens of another lineage belong to somebody else. */
  readonly lineage: string
  /** The session that handed it out. */
  readonly owner: SessionState
  /** When it must be replaced. */
  readonly milestones: Milestones
  /** A server has said 401 to it. */
  rejected?: boolean
  /** A request that was replayed with it got 401 again: the refresh that brought it was in vain. */
  futile?: boolean
  /** Another tab or process had refreshed. */
  adopted?: boolean
  /** Over a store: the version that says that this session began a token request with it. */
  claim?: string
  /** A token request left with it and no answer came. */
  uncertain?: boolean
  /** The server has refused its refresh token, which is not sent again. */
  refused?: SessionEndedError
  /** Settles when an answer that has come is written down, and what it replaces is no longer held. */
  replacing?: Promise<unknown>
}

/** All that a session knows. The functions around it say what happens to it. */
export interface SessionState extends EventSource {
  readonly account: string
  readonly config: SessionConfig
  /** Spreads the background refreshes of a fleet. */
  readonly jitter: number

  status: SessionStatus
  /** Present while `active` and `ended`. */
  held?: Held
  lineage: string
  generation: number
  /** Sign-ins that are over, the newest last: what comes of them now was rolled back. */
  formerLineages: readonly string[]
  snapshot?: SessionSnapshot
  /** Tokens that this session has replaced, the newest last. */
  spent: readonly string[]

  /** The newest state that was to be written. */
  job?: Job
  /** It is to be written (again). */
  unwritten?: boolean
  /** Settles when the newest state is written; absent when it is. */
  writing?: Promise<void>
  wakeWriter?: () => void
  /** How often something was to be written. What is read meanwhile may be older than what is held. */
  writes: number
  /** Calls of `save` that have overrun their time and not settled. */
  overdue: number
  /** Over a store: what was read last. */
  stored?: StoredRecord | null
  /** The store could not be reached at the last attempt. */
  degraded?: boolean
  /** Stops hearing of what others write. */
  unwatch?: () => void
  /** Others have written, and it was not looked at yet. */
  changed?: boolean
  /** What others have written could not be looked at: that is tried again after this pause. */
  missed?: { pauseMs: number; stop(): void }
  /** Looks at what others have written. */
  following?: Promise<void>
  /** The lock of the account is waited for, or held. */
  locked?: Promise<unknown>
  /** Where a refresh waits for the lock: told what others have written meanwhile. */
  leaveQueue?: () => void

  /** `load` has found tokens before, so their absence means that somebody signed out elsewhere. */
  everStored?: boolean

  /** A load or a sign-in that callers wait for. */
  opening?: Promise<void>
  /** Lets those callers go. */
  release?: (reason: unknown) => void
  /** A look whether somebody signed in elsewhere; gives the lineage of what it found. */
  looking?: Promise<string | undefined>
  /** Lets those go who wait for it. */
  releaseLook?: (reason: unknown) => void
  lookedAt: number
  /** Tells of a sign-out: when it is written and revoked, or somebody signs in before that. */
  farewell?: () => void
  /** Nothing was stored since this session signed out, so whatever is stored now comes from a sign-in. */
  vacant?: boolean

  mutex?: Mutex
  flight?: Flight
  launchedAt: number
  failure?: { error: AuthError & { retryAfter?: number }; at: number; restMs: number }
  /** Failures in a row. */
  failures: number
  closed?: boolean

  /** Futile refreshes that count at `drawnAt`. */
  drawn: number
  drawnAt: number
  /** The endpoints that took the tokens held. */
  acceptedBy?: { held: Held; endpoints: Set<string> }
}

/** Shared by all who remember nothing. */
const NONE: readonly never[] = []
const HELD = Symbol.for('axios-renew.held')

export function createState(account: string, config: SessionConfig): SessionState {
  const never = Number.NEGATIVE_INFINITY
  return {
    account,
    config,
    jitter: 1 - Math.random() / 10,
    listeners: NONE,
    status: 'unknown',
    lineage: newLineage(0, ''),
    generation: 0,
    formerLineages: NONE,
    spent: NONE,
    writes: 0,
    overdue: 0,
    lookedAt: never,
    launchedAt: never,
    failures: 0,
    drawn: 0,
    drawnAt: never,
  }
}

/** The present, in ms since the epoch. */
export function now(state: SessionState): number {
  return state.config.clock.now()
}

/**
 * Makes these tokens the current ones.
 *
 * @param ageUnknown their lifetime is known and their age is not: they are due.
 */
export function hold(state: SessionState, tokens: Partial<TokenSet>, ageUnknown?: boolean): Held {
  state.generation++
  const { lineage, generation, config, jitter } = state
  const life = milestones(tokens, config, jitter)
  if (ageUnknown && tokens.accessToken) life.dueAt = 0
  const held: Held = { tokens: { ...tokens }, milestones: life, generation, lineage, owner: state }
  hide(held.tokens, HELD, held)
  Object.freeze(held.tokens)
  become(state, 'active', held)
  return held
}

/** Which of the token sets that a session handed out this is; `undefined` for any other object. */
export function recognise(tokens: TokenSet): Held | undefined {
  return (tokens as { [HELD]?: Held })[HELD]
}

/** The only place where status and tokens change. */
export function become(state: SessionState, status: SessionStatus, held?: Held): void {
  // Over a store, generations tell what is newer.
  if (!state.config.store) spend(state, state.held?.tokens, held?.tokens)
  state.status = status
  state.held = held
  state.snapshot = undefined
  if (status !== 'signed-out') state.farewell?.()
  emit(state, CHANGE)
}

/** The access token has not expired, as far as one can know. */
export function isAlive(state: SessionState, held: Held): boolean {
  return now(state) < held.milestones.expiresAt
}

export function snapshotOf(state: SessionState): SessionSnapshot {
  const { status, generation, held } = state
  const expiresAt = held?.tokens.expiresAt
  state.snapshot ??= { status, generation, ...(expiresAt && { expiresAt }) }
  return state.snapshot
}
