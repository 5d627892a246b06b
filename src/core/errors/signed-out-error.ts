import { AuthError, brand } from './auth-error.ts'

/** Nobody is signed in, or somebody signed out (or in anew) while the caller was waiting. */
export class SignedOutError extends AuthError {
  /** Always `'ERR_SIGNED_OUT'`. */
  declare readonly code: 'ERR_SIGNED_OUT'

  /**
   * Made by sessions; apps only catch it.
   *
   * @param message Default: `'Nobody is signed in'`.
   */
  constructor(message = 'Nobody is signed in') {
    super('ERR_SIGNED_OUT', message)
  }
}

brand(SignedOutError, 'SignedOutError')
