import type { ShouldRefresh } from '../session/config.ts'

/**
 * The default rule: status 401 (RFC 6750, 3.1), unless the token is good and may just not do this.
 * Never 403.
 */
export function isUnauthorized(status: number, challenge: () => string | null | undefined): boolean {
  return status === 401 && !challenge()?.includes('insufficient_scope')
}

/** The default of `shouldRefresh`, for providers that add to it. */
export const refreshOn401: ShouldRefresh = ({ status, headers }) => isUnauthorized(status, () => headers.get('www-authenticate'))
