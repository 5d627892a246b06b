/**
 * What went wrong, as stable API: programs may switch on it.
 *
 * `docs/errors.md` tells for each code what happened and what to do about it.
 */
export type AuthErrorCode =
  | 'ERR_SESSION_ENDED'
  | 'ERR_SIGNED_OUT'
  | 'ERR_REFRESH_FAILED'
  | 'ERR_REFRESH_UNCERTAIN'
  | 'ERR_CLIENT_REJECTED'
  | 'ERR_BODY_NOT_REPLAYABLE'
  | 'ERR_SAVE_FAILED'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_LOCK_TIMEOUT'
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

  static {
    brand(AuthError, 'AuthError')
  }

  /** @param details what else the error carries: it can be read, and is not enumerable. */
  constructor(code: AuthErrorCode, message: string, details: object = {}) {
    super(message)
    Object.assign(this, { code })
    for (const [name, value] of Object.entries(details)) if (value !== undefined) hide(this, name, value)
  }
}

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

/** Defines a property that code can read, and that logs, `inspect` and `JSON.stringify` do not print. */
export function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, writable: true, configurable: true })
}
