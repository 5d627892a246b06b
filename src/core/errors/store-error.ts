import { AuthError, brand } from './auth-error.ts'

/** The codes of a {@link StoreError}. */
export type StoreErrorCode = 'ERR_SAVE_FAILED' | 'ERR_STORE_UNAVAILABLE' | 'ERR_LOCK_TIMEOUT'

/** Trouble with `load`, `save` or the store. It is never reported as a failed sign-in. */
export class StoreError extends AuthError {
  declare readonly code: StoreErrorCode

  static {
    brand(StoreError, 'StoreError')
  }

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause })
  }
}
