import { jwtClaims } from './jwt.ts'
import type { TokenSet } from './token-set.ts'

/**
 * The tokens after a refresh: what the answer says, and what it leaves unsaid from before.
 *
 * No refresh token in the answer: the old one stays (RFC 6749, 6). Fields of `extra` are merged.
 */
export function succession(old: Partial<TokenSet>, next: Partial<TokenSet>): Partial<TokenSet> {
  const { accessToken, expiresAt, issuedAt, ...lasting } = old
  const tokens = { ...lasting, ...next }
  if (old.extra) tokens.extra = { ...old.extra, ...next.extra }
  return tokens
}

/** Whether two token sets name different users: a refresh never changes whom a pair belongs to. */
export function differentUsers(one: Partial<TokenSet>, other: Partial<TokenSet>): boolean {
  return ['user_id', 'sub'].some((claim) => {
    const [a, b] = [one, other].map(({ accessToken, extra }) => ({ ...jwtClaims(accessToken), ...extra })[claim as 'sub'])
    return a && b && String(a) !== String(b)
  })
}
