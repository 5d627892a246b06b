// A store of one's own: rows of a table, which here is a Map, and locks that hold within this process.
import { randomUUID } from 'node:crypto'
import { memoryStore, type TokenStore } from 'axios-renew'

/** One row of the table. */
interface Row {
  text: string
  version: string
}

/** Keeps its records in this table. */
export function ownStore(table: Map<string, Row>): TokenStore {
  // For several processes this would be a lease: a row with a random owner and an end.
  const { lock } = memoryStore()
  return {
    lock,
    async read(account) {
      const row = table.get(account)
      return row ? { record: JSON.parse(row.text), version: row.version } : null
    },
    async write(account, record, expected) {
      // Compare and swap in one step: in SQL, `UPDATE ... WHERE version = $expected`.
      if ((table.get(account)?.version ?? null) !== expected) return null
      // Never one that was there before, also when a row has vanished meanwhile.
      const version = randomUUID()
      table.set(account, { text: JSON.stringify(record), version })
      return version
    },
  }
}
