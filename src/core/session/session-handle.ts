import { hide } from '../errors/auth-error.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { throwIfAborted, unlessAborted } from '../wait.ts'
import { CHANGE, listen, on, type SessionEventName, type SessionEvents } from './events.ts'
import { close, signIn, signOut } from './sign-in.ts'
import { type SessionSnapshot, type SessionState, type SessionStatus, snapshotOf } from './state.ts'
import { getTokens, refresh } from './tokens-for.ts'

/** One account's tokens, kept fresh. Make one with {@link createSession}. */
export interface Session {
  /** Whose session it is. */
  readonly account: string
  /** What is known of it now; `'unknown'` until the first use has loaded. */
  readonly status: SessionStatus
  /**
   * The current tokens, refreshed if they must be; for WebSockets, SDKs and other clients.
   *
   * Rejects with `SignedOutError`, `SessionEndedError`, `RefreshFailedError` or `StoreError`; with the
   * signal's reason when it aborts.
   *
   * @param options.signal ends the waiting, not the refresh.
   * @param options.minValidityMs how long the access token must still be valid, in ms. Default: the session's.
   */
  getTokens(options?: { signal?: AbortSignal; minValidityMs?: number }): Promise<TokenSet>
  /**
   * Refreshes now: joins a running refresh or starts one, at most once a second.
   *
   * Rejects as `getTokens` does.
   *
   * @param options.signal ends the waiting, not the refresh.
   * @param options.rejected tokens that a server has refused. If they have been replaced meanwhile,
   * the current ones are returned and nothing is refreshed.
   */
  refresh(options?: { signal?: AbortSignal; rejected?: TokenSet }): Promise<TokenSet>
  /**
   * Starts a session with the tokens of a sign-in, saves them, and lets everybody go who waited for the
   * former ones. Rejects with `SignedOutError` when a later sign-in or sign-out overtakes it, with `StoreError` when the
   * store cannot be reached, and when the tokens could not be saved and `onSaveFailure` is `'reject'`.
   *
   * @param tokens the answer of the sign-in, as it came.
   */
  signIn(tokens: TokenInput): Promise<void>
  /**
   * Forgets the tokens here and where they are saved, and revokes them where `revoke` is known.
   * Takes effect at once; rejects with `StoreError` when it could not be written (it is tried again).
   */
  signOut(): Promise<void>
  /** Listens to an event; returns what stops that. See {@link SessionEvents}. */
  on<Name extends SessionEventName>(event: Name, listener: (event: SessionEvents[Name]) => void): () => void
  /** Status, expiry and generation, for user interfaces: the same object until something changes. */
  getSnapshot(): SessionSnapshot
  /** Calls back after every change of the snapshot; returns what stops that. Fits React's `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void
  /**
   * Starts no new work. Settles when a running refresh is saved and nothing is unsaved, or after
   * `refreshTimeoutMs`. In a pool this is about the account, whichever handle it is called on.
   */
  close(): Promise<void>
}

/** Where clients find the inside of a session, also across the ESM and CommonJS copies. */
const STATE = Symbol.for('axios-renew.state')

/**
 * What a user holds of a session. Its functions may be passed around without it.
 *
 * @param current the session behind it at this moment: a pool may let go of one that is idle.
 */
export function createHandle(account: string, current: () => SessionState): Session {
  const session: Session = {
    account,
    get status() {
      return current().status
    },
    getTokens: ({ signal, minValidityMs } = {}) => abortable(signal, () => getTokens(current(), minValidityMs)),
    refresh: ({ signal, rejected } = {}) => abortable(signal, () => refresh(current(), rejected)),
    signIn: (tokens) => signIn(current(), tokens),
    signOut: () => signOut(current()),
    on: (event, listener) => on(current(), 'session', event, listener),
    getSnapshot: () => snapshotOf(current()),
    subscribe: (listener) => listen(current(), CHANGE, listener),
    close: () => close(current()),
  }
  hide(session, STATE, current)
  return session
}

/** Gives the inside of a session; `undefined` if it is none. */
export function insideOf(session: unknown): (() => SessionState) | undefined {
  return Object(session)[STATE]
}

/** The caller leaves when its signal aborts; the work goes on for the others. */
async function abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  throwIfAborted(signal)
  return unlessAborted(work(), signal)
}
