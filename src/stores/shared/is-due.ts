import { dueAt } from '../../core/store/record.ts'
import type { SessionRecord } from '../../core/store/token-store.ts'

/**
 * Whether `due` gives this account, for stores that look at each row.
 *
 * @param read throws for what cannot be read. That is given, too: whoever tries to renew it is told why, and the others
 * are renewed.
 */
export function isDue(account: string, read: () => SessionRecord, beforeMs: number, cursor: string | undefined): boolean {
  if (cursor !== undefined && account <= cursor) return false
  try {
    return (dueAt(read()) ?? Number.POSITIVE_INFINITY) < beforeMs
  } catch {
    return true
  }
}
