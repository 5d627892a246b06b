import { systemClock } from '../../core/clock.ts'
import { isNews } from '../../core/store/record.ts'
import type { StoredRecord, TokenStore } from '../../core/store/token-store.ts'
import { throwIfAborted, unlessAborted, within } from '../../core/wait.ts'
import { isDue } from '../shared/is-due.ts'
import { busy } from '../shared/lease.ts'
import { Watchers } from '../shared/watchers.ts'

/** Of a row. React Native has no `structuredClone`. */
const copyOf: <T>(row: T) => T = globalThis.structuredClone ?? ((row) => JSON.parse(JSON.stringify(row)))

/**
 * A store that lives as long as the process: for tests, and for several sessions of one account in one process.
 *
 * @example
 * const store = memoryStore()
 * const pool = createSessionPool({ refresh, store })
 */
export function memoryStore(): TokenStore {
  const rows = new Map<string, StoredRecord>()
  /** The last in the queue of each account. */
  const queues = new Map<string, Promise<unknown>>()
  const watchers = new Watchers()
  /** Names versions. Rows never vanish here, so that a count that all accounts share gives none twice. */
  let writes = 0

  return {
    async read(account) {
      return copyOf(rows.get(account) ?? null)
    },

    async write(account, record, expected) {
      if ((rows.get(account)?.version ?? null) !== expected) return null
      const version = String(++writes)
      rows.set(account, copyOf({ record, version }))
      if (isNews(record)) watchers.notify(account)
      return version
    },

    async lock(account, work, { waitMs, signal }) {
      const before = queues.get(account)
      let release = () => {}
      const mine = new Promise<void>((resolve) => {
        release = resolve
      })
      const queue = Promise.all([before, mine])
      queues.set(account, queue)
      void queue.then(() => {
        if (queues.get(account) === queue) queues.delete(account)
      })
      try {
        throwIfAborted(signal)
        if (before)
          // A process stays for it: somebody waits for what comes after, until they leave.
          await within(unlessAborted(before, signal), waitMs, systemClock, () => busy(account, waitMs), true)
        // Nobody can take it away: a process that falls silent takes everybody who waits along.
        return await work({ signal: new AbortController().signal })
      } finally {
        release()
      }
    },

    async *due(beforeMs, cursor) {
      const accounts = [...rows.keys()].sort()
      for (const account of accounts) {
        if (isDue(account, () => (rows.get(account) as StoredRecord).record, beforeMs, cursor)) yield account
      }
    },

    watch: (account, onChange) => watchers.add(account, onChange),
  }
}
