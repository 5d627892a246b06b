import { parseRecord, unreadable } from '../../core/store/record.ts'
import type { StoredRecord } from '../../core/store/token-store.ts'

/** How long a version is: it stands before the record. */
export const VERSION_LENGTH = 36

/** At random, so that a version never comes again: not when the row was deleted, nor when Redis was rolled back. */
export function newVersion(): string {
  return crypto.randomUUID()
}

/**
 * Takes apart what stands at the key of a record.
 *
 * @throws StoreError for what this store has not written there.
 */
export function parseStored(text: string, account: string): StoredRecord {
  const [, version, json] = /^([0-9a-f-]{36}) (.*)$/s.exec(text) ?? []
  if (!version || !json) throw unreadable(account, 'expected a version and a record at its key: does anything else use this prefix?')
  return { version, record: parseRecord(json, account) }
}
