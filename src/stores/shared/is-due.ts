import { dueAt } from '../../core/store/record.ts'
import type { SessionRecord } from '../../core/store/token-store.ts'

/** Whether `due` gives this account, for stores that look at each row. */
export function isDue(account: string, record: SessionRecord, beforeMs: number, cursor: string | undefined): boolean {
  return (dueAt(record) ?? Number.POSITIVE_INFINITY) < beforeMs && (cursor === undefined || account > cursor)
}
