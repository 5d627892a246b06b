import { AuthError, brand } from './auth-error.ts'
import { concealSecrets } from './conceal.ts'

/** The codes of a {@link StoreError}. */
export type StoreErrorCode = 'ERR_SAVE_FAILED' | 'ERR_STORE_UNAVAILABLE' | 'ERR_LOCK_TIMEOUT'

/** Trouble with `load`, `save` or the store. It is never reported as a failed sign-in. */
export class StoreError extends AuthError {
  /** Which trouble it is. */
  declare readonly code: StoreErrorCode
  /** The store could not be reached, so that it can be tried again; else it was, and said no. Not enumerable. */
  declare readonly outage?: boolean

  /**
   * For stores of one's own, which throw it for what cannot be read and for locks that are not got.
   *
   * @param code which trouble it is.
   * @param message what failed, without any token.
   * @param cause the error underneath. What it holds of requests and bodies is not printed any more.
   * @param outage whether the store could not be reached, so that it can be tried again. Default: it was, and said no.
   */
  constructor(code: StoreErrorCode, message: string, cause?: unknown, outage?: boolean) {
    super(code, message, { cause, outage })
    concealSecrets(cause)
  }
}

brand(StoreError, 'StoreError')
