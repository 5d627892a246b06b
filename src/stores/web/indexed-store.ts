import { checkRecord, isNews, unreadable } from '../../core/store/record.ts'
import type { StoredRecord, TokenStore } from '../../core/store/token-store.ts'
import { isDue } from '../shared/is-due.ts'
import { withLease } from '../shared/lease.ts'
import { randomName } from '../shared/random-name.ts'
import type { Database } from './database.ts'
import { Leases } from './leases.ts'
import { News } from './news.ts'

/** Times that tests shorten; ms. */
export interface WebStoreTimes {
  /** How long a holder of a lock may be silent. Default: 15 s longer than others wait for the lock. */
  leaseMs?: number
  /** How often those who watch look themselves, where there is no BroadcastChannel. Default: 2000. */
  pollMs?: number
  /** How often they do where there is one: a tab may die between its write and its message. Default: 30 000. */
  netMs?: number
}

/** A store over a database of the browser. */
export function indexedStore(
  name: string,
  database: Database,
  { leaseMs, pollMs = 2000, netMs = 30_000 }: WebStoreTimes,
): Required<Omit<TokenStore, 'onDegraded'>> {
  const news = new News(name, async (account) => (await read(account))?.version, pollMs, netMs)
  const leases = new Leases(database, name, news)

  const read = async (account: string) => understand(await database.read('records', account), account)

  return {
    read,

    async write(account, record, expected) {
      const version = await database.change('records', account, 'strict', (row) => {
        const stored = understand(row, account)
        if ((stored?.version ?? null) !== expected) return { result: null }
        // At random: a number would begin anew when the data of the site is cleared.
        const version = randomName()
        return { row: { record, version }, result: version }
      })
      if (version !== null && isNews(record)) news.written(account, version)
      return version
    },

    lock: (account, work, options) => withLease(leases, account, work, options, leaseMs),

    async *due(beforeMs, cursor) {
      for (const [account, row] of await database.readAll('records')) {
        if (isDue(account, () => (understand(row, account) as StoredRecord).record, beforeMs, cursor)) yield account
      }
    },

    watch: (account, onChange) => news.watch(account, onChange),
  }
}

/** What stands in a row. One that says nothing is not taken for an empty one. */
function understand(row: unknown, account: string): StoredRecord | null {
  if (row === undefined) return null
  const { record, version } = Object(row)
  if (typeof version !== 'string') throw unreadable(account, 'expected { record, version }')
  return { record: checkRecord(record, account), version }
}
