/**
 * What went wrong, as stable API: programs may switch on it.
 *
 * `docs/errors.md` tells for each code what happened and what to do about it.
 */
export type AuthErrorCode =
  /** `SessionEndedError`: the server refused the refresh token; sign in again. */
  | 'ERR_SESSION_ENDED'
  /** `SignedOutError`: nobody is signed in, or somebody signed out, or in anew, while the caller waited. */
  | 'ERR_SIGNED_OUT'
  /** `RefreshFailedError`: no connection, 429, 503, an answer without a token; try again at `retryAt`. */
  | 'ERR_REFRESH_FAILED'
  /** `RefreshFailedError`: the token request left and no answer came; the refresh token may be spent. */
  | 'ERR_REFRESH_UNCERTAIN'
  /** `RefreshFailedError`: the server refused the app, not the user; repair its id, secret or scopes. */
  | 'ERR_CLIENT_REJECTED'
  /** `BodyNotReplayableError`: a body that can be read once was refused; send it anew. */
  | 'ERR_BODY_NOT_REPLAYABLE'
  /** `StoreError`: a pair could not be written down; it is kept, and writing is tried again. */
  | 'ERR_SAVE_FAILED'
  /** `StoreError`: `load` or the store failed, or holds what cannot be read. */
  | 'ERR_STORE_UNAVAILABLE'
  /** `StoreError`: somebody else held the account's lock for too long; try again. */
  | 'ERR_LOCK_TIMEOUT'
  /** `AuthError`: `refresh`, `load` or `save` used the client that the session is attached to. */
  | 'ERR_REENTRANT_REFRESH'

/**
 * The base of every error this library rejects with.
 *
 * `instanceof` holds across the ESM and CommonJS copies of the package, because it asks for a
 * registered symbol and not for the identity of the constructor.
 */
export class AuthError extends Error {
  /** What went wrong; see {@link AuthErrorCode}. */
  declare readonly code: AuthErrorCode

  /**
   * Made by the library; apps only catch it.
   *
   * @param code what went wrong.
   * @param message what failed and what to do about it, without any token.
   * @param details what else the error carries: it can be read, and is not enumerable.
   */
  constructor(code: AuthErrorCode, message: string, details: object = {}) {
    super(message)
    Object.assign(this, { code })
    for (const [name, value] of Object.entries(details)) if (value !== undefined) hide(this, name, value)
  }
}

brand(AuthError, 'AuthError')

/** Names an error class, also for minified code, and lets its `instanceof` know other copies of it. */
export function brand(errorClass: { prototype: object }, name: string): void {
  const mark = Symbol.for(`axios-renew.${name}`)
  hide(errorClass.prototype, 'name', name)
  hide(errorClass.prototype, mark, true)
  hide(errorClass, Symbol.hasInstance, function (this: unknown, value: unknown) {
    // A subclass made by a user inherits this function but not the mark: the usual rule holds for it.
    return this === errorClass ? Object(value)[mark] === true : Function.prototype[Symbol.hasInstance].call(this, value)
  })
}

/** Defines a property that code can read, and that logs, `inspect` and `JSON.stringify` do not print; unless it is fixed. */
export function hide(target: object, key: PropertyKey, value: unknown): void {
  Reflect.defineProperty(target, key, { value, enumerable: false, writable: true, configurable: true })
}
