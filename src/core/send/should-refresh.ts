import type { ShouldRefresh } from '../session/config.ts'

/**
 * The default rule: status 401 (RFC 6750, 3.1), unless the token is good and may just not do this.
 * Never 403.
 */
function isUnauthorized(status: number, challenge: () => string | null | undefined): boolean {
  return status === 401 && !challenge()?.includes('insufficient_scope')
}

/** The default of `shouldRefresh`, for providers that add to it. */
export const refreshOn401: ShouldRefresh = ({ status, headers }) => isUnauthorized(status, () => headers.get('www-authenticate'))

/** Marks a rule that is about 401s only, so that other responses need not be shown to it. */
export const ABOUT_401 = Symbol.for('axios-renew.about-401')

/** Whether a response may be a refusal: by the default rule, or as far as one can tell without asking another. */
export function mayRefuse(rule: ShouldRefresh | undefined, status: number, challenge: () => string | null | undefined): boolean {
  return (rule && !(ABOUT_401 in rule)) || isUnauthorized(status, challenge)
}
