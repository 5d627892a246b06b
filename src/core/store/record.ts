import { keysOf } from '../check-options.ts'
import { StoreError } from '../errors/store-error.ts'
import type { SessionRecord } from './token-store.ts'

/**
 * Understands what a store has given, or says that it cannot be understood.
 *
 * @throws StoreError: what stands there may be somebody's only pair, so it is never written over.
 */
export function checkRecord(value: unknown, account: string): SessionRecord {
  const { tokens, generation, lineage } = Object(value)
  // A column that holds nothing gives `null`.
  if (typeof tokens === 'object' && Number.isFinite(generation) && typeof lineage === 'string')
    return Object.fromEntries(Object.entries(value as SessionRecord).filter(([key, field]) => field !== null || key === 'tokens')) as never
  throw unreadable(account, `expected { tokens, generation, lineage }, got ${keysOf(value)}`)
}

/** For stores that keep text. What it says is not told: it may be a token. */
export function parseRecord(text: string, account: string): SessionRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable(account, 'expected JSON')
  }
  return checkRecord(value, account)
}

/** Whether others want to know of this write: not if it only says that a token request has begun. */
export function isNews({ refreshStartedAt }: SessionRecord): boolean {
  return refreshStartedAt === undefined
}

/**
 * When the access token expires, for `due`; `undefined` for what is never due: no pair, an ended one, one of unknown life.
 * A refresh token without an access token, as an import leaves it, is due at once: nobody knows how old it is.
 */
export function dueAt({ tokens, endedAt }: SessionRecord): number | undefined {
  if (!tokens || endedAt !== undefined) return undefined
  return tokens.refreshToken && !tokens.accessToken ? 0 : tokens.expiresAt
}

/** The error for a record that is there and cannot be read: it is never written over. */
export function unreadable(account: string, why: string, cause?: unknown): StoreError {
  return new StoreError('ERR_STORE_UNAVAILABLE', `The stored record of account ${JSON.stringify(account)} cannot be read: ${why}`, cause)
}
