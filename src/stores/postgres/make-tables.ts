import type { Query } from './query.ts'
import type { Tables } from './statements.ts'

/** The version of the tables that this code works with. */
const SCHEMA = 1
/** What PostgreSQL says of a table with other columns, with columns of other types, and of a view. */
const NOT_OURS = /^42(703|883|809)$/

/**
 * What makes the tables. Each step must be one that may be done again: the mark of the version may be lost in a dump
 * without comments.
 *
 * Accounts are ordered by their bytes: the order of a language changes with the operating system, and breaks indexes.
 * Records are kept as text: `jsonb` would rewrite them, and `json` quotes what it refuses in the log.
 */
function steps({ tokens, leases, index }: Tables): string[] {
  return [
    // Several processes may start at once; `IF NOT EXISTS` alone lets them collide.
    `SELECT pg_advisory_xact_lock(hashtext('axios-renew setup'))`,
    `CREATE TABLE IF NOT EXISTS ${tokens} (
      account text COLLATE "C" PRIMARY KEY,
      record text NOT NULL,
      version uuid NOT NULL DEFAULT gen_random_uuid(),
      expires_at double precision
    )`,
    // A table of that name may be somebody else's: that is not to be marked, nor to get an index.
    `SELECT FROM ${tokens} WHERE account || record = '' AND version = gen_random_uuid() AND expires_at < 0::float8 LIMIT 0`,
    `CREATE INDEX IF NOT EXISTS ${index} ON ${tokens} (expires_at)`,
    // Room on each page for renewals, which so need no new entry in the index.
    `CREATE TABLE IF NOT EXISTS ${leases} (
      account text COLLATE "C" PRIMARY KEY,
      owner text NOT NULL,
      held_until timestamptz NOT NULL
    ) WITH (fillfactor = 50)`,
    `SELECT FROM ${leases} WHERE account || owner = '' AND held_until < clock_timestamp() LIMIT 0`,
    `COMMENT ON TABLE ${tokens} IS 'axios-renew schema ${SCHEMA}: OAuth tokens, keep them secret'`,
  ]
}

/** Makes the tables, unless they are there: then it needs no right to make any. */
export async function setUp(query: Query, tables: Tables): Promise<void> {
  const [row] = await query(
    `SELECT obj_description(to_regclass($1), 'pg_class') AS mark, to_regclass($1) IS NOT NULL AS tokens, to_regclass($2) IS NOT NULL AS leases`,
    [tables.tokens, tables.leases],
  )
  const found = Number(/^axios-renew schema (\d+)/.exec(String(row?.mark))?.[1] ?? 0)
  if (found > SCHEMA)
    throw new Error(`The table ${tables.tokens} was made by a newer axios-renew (schema ${found}, known here: ${SCHEMA}): upgrade this one`)
  if (found === SCHEMA && row?.leases) return
  // One message without values is one transaction, also through a transaction pooler.
  await query(steps(tables).join(';\n')).catch((error) => {
    if (!NOT_OURS.test(error.code)) throw error
    const foreign = found > 0 || !row?.tokens ? tables.leases : tables.tokens
    throw new Error(`The table ${foreign} is there, and not one of axios-renew: give postgresStore another name for its table`)
  })
}
