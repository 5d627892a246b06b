import type { Clock } from '../clock.ts'
import type { TokenStore } from '../store/token-store.ts'
import type { TokenInput, TokenSet } from '../tokens/token-set.ts'
import type { EventSource } from './events.ts'
import type { Flight } from './flight.ts'
import type { Held } from './state.ts'

/** What `refresh` gets beside the tokens. */
export interface RefreshContext {
  /** Whose tokens are refreshed. */
  account: string
  /** Aborts when the request is given up: after the longer of 60 s and twice `refreshTimeoutMs`. */
  signal: AbortSignal
}

/** A response, as `shouldRefresh` sees it. */
export interface ResponseView {
  /** The HTTP status, such as 401. */
  status: number
  /** The headers, by names in any case. */
  headers: {
    /** The value of a header; `null` when it is not there. */
    get(name: string): string | null
  }
  /** Where it came from, after redirects. */
  url: string
  /** A bounded copy of the body, parsed when it is JSON; `undefined` for streams and bodies above 1 MiB. */
  body(): Promise<unknown>
}

/**
 * Decides whether a response rejects the access token, so that it is refreshed and the request sent again.
 *
 * @example
 * shouldRefresh: ({ status }) => status === 401 || status === 419
 */
export type ShouldRefresh = (response: ResponseView) => boolean | Promise<boolean>

/** The options of {@link createSession}. */
export interface SessionOptions {
  /**
   * Obtains the next tokens, usually by a token request with `tokens.refreshToken`; `oauth2` and the
   * providers make one. It must not use the client that the session is attached to.
   *
   * The session is over when it throws a `SessionEndedError`, an error whose `response.status` is 401,
   * or one whose body names a code such as `invalid_grant`. Everything else it throws is transient.
   */
  refresh: (tokens: Partial<TokenSet>, context: RefreshContext) => TokenInput | null | Promise<TokenInput | null>
  /**
   * Reads the stored tokens, at the first use and again before every token request.
   * `null` or `undefined`: nobody is signed in. Default: nothing is stored.
   */
  load?: (account: string) => TokenInput | null | undefined | Promise<TokenInput | null | undefined>
  /**
   * Writes the tokens down; awaited BEFORE anybody uses them. `null` after a sign-out.
   * Default: tokens live in memory only.
   */
  save?: (tokens: TokenSet | null, account: string) => unknown
  /** Where several tabs, processes or machines keep the tokens together; instead of `load` and `save`. */
  store?: TokenStore
  /**
   * Tokens to start with; used, and saved, only when `load` or `store` hold nothing. For an answer that you have just
   * received call `signIn`: here its `expires_in` has no moment to count from.
   *
   * `{}`: the refresh token is a cookie, which the page cannot see, and the first request waits for a token. When the cookie is
   * set later, call `signIn({})`: a session that was told that nobody is signed in does not ask again.
   */
  tokens?: TokenInput
  /** Whose session it is; given to `load`, `save` and `refresh`. A number is turned into a string. Default `'default'`. */
  account?: string | number
  /**
   * How long before expiry the token is refreshed in the background, in ms. `0`: never.
   * Default: 5 minutes, at most 20 % of the lifetime. Never more than half the lifetime.
   */
  refreshAheadMs?: number
  /**
   * How long before expiry a request waits for the refresh, in ms.
   * Default: 30 seconds, at most 10 % of the lifetime. Never more than half the lifetime.
   */
  minValidityMs?: number
  /** How long callers wait for one refresh, in ms. Default 30 000. The token request itself goes on. */
  refreshTimeoutMs?: number
  /** Decides which responses reject the token. Default: status 401 without `insufficient_scope`. */
  shouldRefresh?: ShouldRefresh
  /**
   * Identity of the OAuth client (token endpoint and client id). `oauth2` and the providers set it. It is kept beside the
   * tokens in a `store`: sessions of another client, or of none, do not touch them. A record that names none is taken over by the first that has one:
   * where services share a storage, name the client of each.
   */
  client?: string
  /** Revokes tokens at the server (RFC 7009); called by `signOut`, best effort. */
  revoke?: (tokens: TokenSet) => unknown
  /**
   * What to do with a pair that could not be saved: `'serve'` it (saving is tried again meanwhile), or
   * `'reject'` the callers until it is saved. Default `'serve'`.
   */
  onSaveFailure?: 'serve' | 'reject'
  /**
   * What to do when `store` cannot be reached: `'reject'` serves tokens while they are valid and sends no token request;
   * `'proceed'` makes token requests all the same, each process its own: only for servers that do not rotate
   * refresh tokens. Default `'reject'`.
   */
  onStoreFailure?: 'reject' | 'proceed'
  /** Gets background work, for serverless platforms that freeze a process after the response. */
  waitUntil?: (work: Promise<unknown>) => void
  /** Another clock, for tests. Default: the machine's. */
  clock?: Clock
}

/** What all sessions of a pool share. */
export interface PoolShare {
  /** Listeners to the events of all. */
  everyone: EventSource
  /** Gives leave to make a token request; what it returns gives that back. */
  slots: { take(flight: Flight): Promise<() => void> }
}

/** The options with their defaults. */
export interface SessionConfig extends Omit<SessionOptions, 'account'> {
  /** Present when the session is one of many. */
  pool?: PoolShare
  /** For telemetry: runs each refresh, which it must leave as it is. */
  aroundRefresh?: (account: string, flight: Flight, refresh: () => Promise<Held>) => Promise<Held>
  refreshTimeoutMs: number
  clock: Clock
}
