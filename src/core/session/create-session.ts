import { checkOptions, expectType } from '../check-options.ts'
import { systemClock } from '../clock.ts'
import { hide } from '../errors/auth-error.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import { unlessAborted } from '../wait.ts'
import type { SessionOptions } from './config.ts'
import { CHANGE, listen, on, type SessionEventName, type SessionEvents } from './events.ts'
import { close, signIn, signOut, understand } from './sign-in.ts'
import { createState, type SessionSnapshot, type SessionState, type SessionStatus, snapshotOf } from './state.ts'
import { getTokens, refresh } from './tokens-for.ts'

/** One account's tokens, kept fresh. Make one with {@link createSession}. */
export interface Session {
  /** Whose session it is. */
  readonly account: string
  /** `'unknown'` until the first use has loaded. */
  readonly status: SessionStatus
  /**
   * The current tokens, refreshed if they must be; for WebSockets, SDKs and other clients.
   *
   * Rejects with `SignedOutError`, `SessionEndedError`, `RefreshFailedError` or `StoreError`; with the
   * signal's reason when it aborts.
   *
   * @param options.minValidityMs how long the access token must still be valid, in ms. Default: the session's.
   */
  getTokens(options?: { signal?: AbortSignal; minValidityMs?: number }): Promise<TokenSet>
  /**
   * Refreshes now: joins a running refresh or starts one, at most once a second.
   *
   * @param options.rejected tokens that a server has refused. If they have been replaced meanwhile,
   * the current ones are returned and nothing is refreshed.
   */
  refresh(options?: { signal?: AbortSignal; rejected?: TokenSet }): Promise<TokenSet>
  /**
   * Starts a session with the tokens of a sign-in, saves them, and lets everybody go who waited for the
   * former ones. Rejects with `SignedOutError` when a later sign-in or sign-out overtakes it.
   */
  signIn(tokens: TokenInput): Promise<void>
  /**
   * Forgets the tokens here and where they are saved, and revokes them where `revoke` is known.
   * Takes effect at once; rejects with `StoreError` when it could not be written (it is tried again).
   */
  signOut(): Promise<void>
  /** Listens to an event; returns what stops that. See {@link SessionEvents}. */
  on<Name extends SessionEventName>(event: Name, listener: (event: SessionEvents[Name]) => void): () => void
  /** The same object until something changes. */
  getSnapshot(): SessionSnapshot
  /** Calls back after every change of the snapshot; returns what stops that. Fits React's `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void
  /**
   * Starts no new work. Settles when a running refresh is saved and nothing is unsaved, or after
   * `refreshTimeoutMs`.
   */
  close(): Promise<void>
}

/** Where clients find the inside of a session, also across the ESM and CommonJS copies. */
const STATE = Symbol.for('axios-renew.state')

/**
 * The inside of a session.
 *
 * @throws TypeError when it is not a session.
 */
export function stateOf(session: Session, where: string): SessionState {
  const state = Object(session)[STATE]
  if (!state) throw new TypeError(`${where}: expected a session made by createSession`)
  return state
}

/**
 * Makes a session: it holds one account's tokens, refreshes them once however many ask, and writes the
 * new pair down before anybody uses it.
 *
 * @throws TypeError for a wrong or unknown option: it says what was expected and what was got.
 *
 * @example
 * const session = createSession({
 *   refresh: (tokens) => bare.post('/auth/refresh', { token: tokens.refreshToken }).then((r) => r.data),
 *   load: () => db.tokens.read(),
 *   save: (tokens) => db.tokens.write(tokens),
 * })
 */
export function createSession(options: SessionOptions): Session {
  const { account = 'default', ...given } = checkOptions('createSession', options, {
    refresh: 'function!',
    load: 'function',
    save: 'function',
    store: 'object',
    tokens: 'object',
    account: 'string|number',
    refreshAheadMs: 'number',
    minValidityMs: 'number',
    refreshTimeoutMs: 'number',
    shouldRefresh: 'function',
    client: 'string',
    revoke: 'function',
    onSaveFailure: "'serve'|'reject'",
    onStoreFailure: "'reject'|'proceed'",
    waitUntil: 'function',
    clock: 'object',
  })
  const config = { refreshTimeoutMs: 30_000, clock: systemClock, ...given }
  const { now, setTimeout, clearTimeout } = config.clock
  for (const [name, value] of Object.entries({ now, setTimeout, clearTimeout }))
    expectType(`createSession: option 'clock.${name}'`, value, 'function')
  checkStorage(given)
  if (given.tokens) understand("createSession: option 'tokens'", given.tokens, 'kept', 0)
  const state = createState(String(account), config)
  const session: Session = {
    account: state.account,
    get status() {
      return state.status
    },
    getTokens: ({ signal, minValidityMs } = {}) => abortable(signal, () => getTokens(state, minValidityMs)),
    refresh: ({ signal, rejected } = {}) => abortable(signal, () => refresh(state, rejected)),
    signIn: (tokens) => signIn(state, tokens),
    signOut: () => signOut(state),
    on: (event, listener) => on(state, event, listener),
    getSnapshot: () => snapshotOf(state),
    subscribe: (listener) => listen(state, CHANGE, listener),
    close: () => close(state),
  }
  hide(session, STATE, state)
  return session
}

function checkStorage({ store, load, save }: Partial<SessionOptions>): void {
  if (store && (load || save)) throw new TypeError("createSession: expected either 'store', or 'load' and 'save', got both")
  for (const name of ['read', 'write', 'lock'] as const)
    if (store) expectType(`createSession: option 'store.${name}'`, store[name], 'function')
}

/** The caller leaves when its signal aborts; the work goes on for the others. */
async function abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  return unlessAborted(work(), signal)
}
