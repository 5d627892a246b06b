import { expectType } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { ignore } from '../wait.ts'
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
  /** A new pair is in use. `adopted`: another tab or process had refreshed. `waiters`: callers that shared it. */
  refreshed: SessionEvent & { adopted: boolean; durationMs: number; waiters: number; expiresAt?: number }
  /** A refresh did not work; the session is kept. */
  'refresh-failed': SessionEvent & { error: AuthError; durationMs: number; waiters: number; retryAt?: number }
  /**
   * A pair could not be written down; `error.cause` tells why. It is served or held back (`onSaveFailure`),
   * and writing is tried again.
   */
  'save-failed': SessionEvent & { error: AuthError; attempt: number }
  /** `adopted`: the sign-in happened in another tab or process. */
  'signed-in': SessionEvent & { adopted: boolean }
  'signed-out': SessionEvent
  /** The store could not be reached, which is told once until it can be again; `error.cause` tells why. */
  'store-degraded': SessionEvent & { error: AuthError }
  /** The server refused the refresh token. `validUntil`: the access token is served until then (ms since the epoch). */
  ended: SessionEvent & { error: AuthError; validUntil?: number }
  /** A request is sent a second time with newer tokens. `late`: no refresh was needed. */
  replayed: SessionEvent & { late: boolean }
  /** A request is sent without a token, and why. */
  withheld: SessionEvent & { reason: 'origin' | 'own-credentials' }
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
    if (wanted === name) new Promise((resolve) => resolve(listener({ ...event } as never))).catch(ignore)
  }
}
