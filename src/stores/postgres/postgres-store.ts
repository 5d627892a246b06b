import { checkOptions, expectType } from '../../core/check-options.ts'
import { systemClock } from '../../core/clock.ts'
import { dueAt, isNews, parseRecord } from '../../core/store/record.ts'
import type { TokenStore } from '../../core/store/token-store.ts'
import { within } from '../../core/wait.ts'
import { checkLease } from '../shared/check-lease.ts'
import { type LeaseKeeper, withLease } from '../shared/lease.ts'
import { once } from '../shared/once.ts'
import { accountOf, keyOf, shortName } from './account-key.ts'
import { setUp } from './make-tables.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { type Query, queryThrough } from './query.ts'
import { PAGE, type Statements, statementsOn, tablesOf } from './statements.ts'
import { ANSWER_MS, freeOf, newsOf, WakeUps } from './wake-ups.ts'

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /**
   * `name` or `schema.name` of the table, as it is: capitals are kept. Two more names are made of it: `<name>_leases`,
   * a table, and `<name>_expires_at`, an index. Each part: 1 to 50 bytes. Default: `'axios_renew'`.
   */
  table?: string
  /**
   * How long a holder of the lock may be silent, in ms (100 or more); then it passes to the next. It must be longer
   * than a token request may take. Default: 15 s longer than the session waits.
   */
  leaseMs?: number
}

/** A {@link TokenStore} that can make its tables. */
export interface PostgresStore extends TokenStore {
  due: NonNullable<TokenStore['due']>
  watch: NonNullable<TokenStore['watch']>
  /**
   * Makes the tables; call it before the store is used. It may be called at any time, by several processes at once, and
   * does nothing, for which it needs no right, where they are there. The schema must exist.
   *
   * @throws Error when the database refuses, or a table of that name is there that is not of this version: made by a newer
   * one of this package, or by somebody else. It is left as it is.
   */
  setup(): Promise<void>
}

/** `onFree` looks after all who wait, with one statement. This is the net under it. */
const SELDOM_MS = [10_000, 15_000] as const

/**
 * A store in PostgreSQL 13 or newer, over a pool of node-postgres (`pg`).
 *
 * Each operation is one short statement, and a transaction of its own: nothing is open while a token request is under
 * way, and a transaction pooler (PgBouncer) may be in between. To hear of others at once it listens (`LISTEN`) on a
 * connection of its own, beside the pool, while somebody waits or watches; where it cannot it polls, and says so by
 * `process.emitWarning` with the code `AXIOS_RENEW_POLLS`. Tokens are stored as they are: see `encryptedStore`.
 *
 * @param pool `new pg.Pool(...)`. It remains yours: give it an `'error'` listener, and `end()` it.
 * @throws TypeError for a wrong option. Its methods reject with an `Error` when the database cannot be reached or
 * refuses, with PostgreSQL's `code`, and never with what is in a row.
 *
 * @example
 * const store = postgresStore(new pg.Pool({ connectionString }), { table: 'auth.tokens' })
 * await store.setup()
 * const session = createSession({ refresh, store, account: 'shop-1' })
 */
export function postgresStore(pool: PostgresPool, options: PostgresStoreOptions = {}): PostgresStore {
  expectType('postgresStore: the pool', pool, 'object')
  expectType("postgresStore: the pool's 'query'", pool.query, 'function')
  const { table = 'axios_renew', leaseMs } = checkOptions('postgresStore', options, { table: 'string', leaseMs: 'number' })
  checkLease('postgresStore', leaseMs)
  const tables = tablesOf(table)
  const channel = `axios_renew_${shortName(table)}`
  const query = queryThrough(pool, table)
  const statements = statementsOn(tables, channel)
  const statementThatLooks = async () => {
    // Through the pool, whose connections may have been given a `search_path`.
    const [row] = await query('SELECT relnamespace::regnamespace::text AS schema FROM pg_class WHERE oid = to_regclass($1)', [
      tables.tokens,
    ])
    return statementsOn(tablesOf(table, row?.schema as string | undefined), channel).look
  }
  // A pool whose connections hang must not end the looking for good.
  const lookElsewhere = once(() => within(statementThatLooks(), ANSWER_MS, systemClock, () => new Error('no answer')))
  const wakeUps = new WakeUps({ pool, query, statements, lookElsewhere })
  const keeper = leaseKeeper(query, statements, wakeUps)

  return {
    setup: () => setUp(query, tables),

    async read(account) {
      const [row] = await query(statements.read, [keyOf(account)])
      return row ? { record: parseRecord(String(row.record), account), version: String(row.version) } : null
    },

    async write(account, record, expected) {
      const payload = isNews(record) ? newsOf(account) : null
      const values = [keyOf(account), JSON.stringify(record), dueAt(record) ?? null, payload]
      const [row] = await (expected === null ? query(statements.insert, values) : query(statements.update, [...values, expected]))
      return row ? String(row.version) : null
    },

    lock: (account, work, waiting) => withLease(keeper, account, work, waiting, leaseMs),

    async *due(beforeMs, cursor) {
      let after = cursor === undefined ? null : keyOf(cursor)
      for (;;) {
        const page = await query(statements.due, [beforeMs, after])
        for (const { account } of page) yield accountOf(String(account))
        if (page.length < PAGE) return
        after = String(page.at(-1)?.account)
      }
    },

    watch: (account, onChange) => wakeUps.onNews(account, onChange),
  }
}

function leaseKeeper(query: Query, statements: Statements, wakeUps: WakeUps): LeaseKeeper {
  return {
    take: async (account, owner, leaseMs) => (await query(statements.take, [keyOf(account), owner, leaseMs])).length > 0,
    renew: async (account, owner, leaseMs) => (await query(statements.renew, [keyOf(account), owner, leaseMs])).length > 0,
    release: async (account, owner) => void (await query(statements.release, [keyOf(account), owner, freeOf(account)])),
    onFree: (account, callback) => wakeUps.onFree(account, callback),
    pollMs: SELDOM_MS,
  }
}
