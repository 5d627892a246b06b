import { expectType } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { quietly } from '../wait.ts'
import type { SessionState } from './state.ts'

/** What every event tells. No event ever carries a token. */
export interface SessionEvent {
  /** Whose session it is. */
  account: string
  /** How many token sets the session has had since the sign-in. */
  generation: number
}

/** The events of a session, by name. */
export interface SessionEvents {
  /** A new pair is in use. */
  refreshed: SessionEvent & {
    /** Another tab or process had refreshed: this one has only read the pair. */
    adopted: boolean
    /** From the beginning of the refresh until the pair was in use, in ms. */
    durationMs: number
    /** Callers that shared it; `0` in the background. */
    waiters: number
    /** When the new access token stops working, in ms since the epoch; absent when unknown. */
    expiresAt?: number
  }
  /** A refresh did not work; the session is kept. */
  'refresh-failed': SessionEvent & {
    /** Why; its `code` tells what to do. */
    error: AuthError
    /** From the beginning of the refresh until it failed, in ms. */
    durationMs: number
    /** Callers that shared it; `0` in the background. */
    waiters: number
    /** When a next attempt may help, in ms since the epoch; absent when unknown. */
    retryAt?: number
  }
  /**
   * A pair could not be written down; `error.cause` tells why. It is served or held back (`onSaveFailure`),
   * and writing is tried again.
   */
  'save-failed': SessionEvent & {
    /** Its `cause` is what `save` or the store said. */
    error: AuthError
    /** How many attempts in a row have failed; `1` at the first. */
    attempt: number
  }
  /** Somebody has signed in. */
  'signed-in': SessionEvent & {
    /** The sign-in happened in another tab or process. */
    adopted: boolean
  }
  /**
   * Somebody has signed out, here or in another tab or process.
   *
   * That of `session.signOut` comes when it is written and revoked, so that a listener may leave the page; or when an attempt at
   * either has failed, or somebody signs in before. The status changes at once, and `subscribe` tells of that.
   */
  'signed-out': SessionEvent
  /** The store could not be reached, which is told once until it can be again; `error.cause` tells why. */
  'store-degraded': SessionEvent & {
    /** Its `cause` is what the store said. */
    error: AuthError
  }
  /** The server refused the refresh token: the user must sign in again. */
  ended: SessionEvent & {
    /** The `SessionEndedError` that requests are rejected with. */
    error: AuthError
    /** The access token is served until then, in ms since the epoch; absent when it is over already. */
    validUntil?: number
  }
  /** A request is sent a second time with newer tokens. */
  replayed: SessionEvent & {
    /** No refresh was needed: the tokens had been replaced before the 401 came. */
    late: boolean
  }
  /** A request is sent without a token. */
  withheld: SessionEvent & {
    /** Why: its URL is not among `origins`, or it brings credentials of its own. */
    reason: 'origin' | 'own-credentials'
  }
}

/** The name of an event. */
export type SessionEventName = keyof SessionEvents

const NAMES = "'refreshed'|'refresh-failed'|'save-failed'|'signed-in'|'signed-out'|'store-degraded'|'ended'|'replayed'|'withheld'"
/** Heard by those who follow the snapshot. */
export const CHANGE = 'change'

/** Where listeners are kept. */
export interface EventSource {
  listeners: readonly (readonly [name: string, listener: (event: never) => unknown])[]
}

/** `session.on` and `pool.on` */
export function on(source: EventSource, where: 'session' | 'pool', name: string, listener: (event: never) => unknown): () => void {
  expectType(`${where}.on`, name, NAMES)
  return listen(source, name, listener)
}

export function listen(source: EventSource, name: string, listener: (event: never) => unknown): () => void {
  expectType('listener', listener, 'function')
  const entry = [name, listener] as const
  source.listeners = [...source.listeners, entry]
  return () => {
    source.listeners = source.listeners.filter((other) => other !== entry)
  }
}

/** Tells the listeners. One that throws, or whose promise rejects, disturbs nobody. */
export function emit<Name extends SessionEventName>(
  state: SessionState,
  name: Name | typeof CHANGE,
  details?: Omit<SessionEvents[Name], keyof SessionEvent>,
): void {
  const { config, account, generation } = state
  tell(state, name, { account, generation, ...details })
  if (config.pool) tell(config.pool.everyone, name, { account, generation, ...details })
}

/** Tells those who listen at one place. */
export function tell({ listeners }: EventSource, name: string, event: object): void {
  for (const [wanted, listener] of listeners) {
    if (wanted === name) quietly(() => listener({ ...event } as never))
  }
}
