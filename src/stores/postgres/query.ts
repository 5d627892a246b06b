import type { PostgresPool } from './postgres-pool.ts'

/** A row, with what its statement selects. */
export type Row = Readonly<Record<string, unknown>>
/** Runs one statement, and gives its rows. Its errors may be shown. */
export type Query = (text: string, values?: unknown[]) => Promise<Row[]>

/** Serialization failure, deadlock: nothing has happened, and the same statement may work now. */
const AGAIN = /^40(001|P01)$/
const ATTEMPTS = 4

/** Statements through the pool, each a transaction of its own. */
export function queryThrough(pool: PostgresPool, table: string): Query {
  return async (text, values) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await pool.query(text, values)).rows as Row[]
      } catch (error) {
        if (attempt === ATTEMPTS || !AGAIN.test(sqlState(error) ?? '')) throw showable(error, table)
      }
    }
  }
}

/** Errors whose words name things of the database, never what is in a row. */
const ABOUT_THINGS = /^(08|25|28|3D|3F|40|42|53|54|55|57|58)/
/** No such table, no such column. */
const NOT_SET_UP = /^42(P01|703)$/

/**
 * The same error without what may be a token: PostgreSQL quotes rows and values (`detail`, `where`), triggers say
 * what they like, and node-postgres hangs the connection on it.
 */
function showable(error: unknown, table: string): Error {
  const state = sqlState(error)
  const { message, code, where, constraint } = Object(error)
  if (state && NOT_SET_UP.test(state) && !where)
    return named(`The table ${table} is missing or of another version: call await store.setup() before the store is used`, state)
  if (state && (where || !ABOUT_THINGS.test(state)))
    return named(
      `PostgreSQL refused the statement with ${state}${constraint ? ` (constraint ${constraint})` : ''}; its log says more`,
      state,
    )
  return named(String(message || code || 'PostgreSQL cannot be reached'), typeof code === 'string' ? code : undefined)
}

/** Five letters and digits that classify an error of the server; `undefined` when it is none of the server's. */
export function sqlState(error: unknown): string | undefined {
  const { code, severity } = Object(error)
  return severity !== undefined && typeof code === 'string' && code.length === 5 ? code : undefined
}

function named(message: string, code: string | undefined): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}
