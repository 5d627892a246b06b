import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { checkOptions, expectType } from '../../core/check-options.ts'
import { checkRecord, unreadable } from '../../core/store/record.ts'
import type { StoredRecord, TokenStore } from '../../core/store/token-store.ts'
import { checkLease } from '../shared/check-lease.ts'
import { isDue } from '../shared/is-due.ts'
import { withLease } from '../shared/lease.ts'
import { fileLeases } from './file-leases.ts'
import { filePoll } from './file-poll.ts'
import { JsonFile } from './json-file.ts'
import { targetOf } from './resolve-symlink.ts'
import { RowNews } from './row-news.ts'

/** What {@link fileStore} may be told. */
export interface FileStoreOptions {
  /**
   * How long the holder of an account's lock may be silent, in ms (100 or more), until the next one gets it.
   * Default: what is waited for the lock (the session's `refreshTimeoutMs`) + 15 s. It must be the same in all processes.
   */
  leaseMs?: number
}

/**
 * Keeps the pairs of all accounts in one JSON file, for the processes of one machine: command-line tools, and servers
 * with some thousand accounts (each write writes the whole file). It needs `proper-lockfile`, and a local disk.
 *
 * The file and its drafts can be read by their owner only (mode 0600), and a new file is on the disk before its name is:
 * a crash leaves the old one or the new one. A folder that is missing is made (0700), a symbolic link is followed. Beside
 * the file `tokens.json` there are `tokens.json.leases` (who refreshes), and for moments `*.lock` and `*.draft`.
 * A lock that a killed process left is taken over after 2 s, its lease after `leaseMs`; that of a process that is merely
 * silent after at most half as long again.
 *
 * @param path of the file; a relative one counts from the folder that is current now.
 * @throws TypeError when an option is not what it must be.
 * The methods reject with a `StoreError` (`ERR_STORE_UNAVAILABLE`) when the file is not one that this store has written
 * (it is not written over), with `ERR_LOCK_TIMEOUT` when a lock is busy, and with what Node says when the disk fails.
 *
 * @example
 * const store = fileStore(join(homedir(), '.config/my-tool/tokens.json'))
 * const session = createSession({ refresh, store })
 */
export function fileStore(path: string, options: FileStoreOptions = {}): TokenStore {
  expectType('fileStore: the path', path, 'string')
  const { leaseMs } = checkOptions('fileStore', options, { leaseMs: 'number' })
  checkLease('fileStore', leaseMs)
  const file = new JsonFile<StoredRecord>(targetOf(resolve(path)), 'axios-renew tokens 1')
  const news = new RowNews(file)
  const leasePath = `${file.path}.leases`
  const leases = fileLeases(new JsonFile(leasePath, 'axios-renew leases 1'), (onChange, onLook) => filePoll(leasePath, onChange, onLook))

  return {
    async read(account) {
      const rows = await file.read()
      return rows.has(account) ? understand(rows.get(account), account) : null
    },

    async write(account, record, expected) {
      const row = { record: structuredClone(record), version: randomUUID() }
      const written = await file.change((rows) => {
        // By `has`: what cannot be read is not nothing.
        const mayWrite = (rows.has(account) ? rows.get(account)?.version : null) === expected
        if (mayWrite) rows.set(account, row)
        return { result: mayWrite, changed: mayWrite }
      })
      if (!written) return null
      news.tell(account, row)
      return row.version
    },

    lock: (account, work, lockOptions) => withLease(leases, account, work, lockOptions, leaseMs),

    async *due(beforeMs, cursor) {
      const rows = [...(await file.read())].sort(([one], [two]) => (one < two ? -1 : 1))
      for (const [account, row] of rows) {
        if (isDue(account, () => understand(row, account).record, beforeMs, cursor)) yield account
      }
    },

    watch: (account, onChange) => news.watch(account, onChange),
  }
}

function understand(row: unknown, account: string): StoredRecord {
  const { record, version } = Object(row)
  if (typeof version !== 'string') throw unreadable(account, 'it has no version')
  return { record: checkRecord(record, account), version }
}
