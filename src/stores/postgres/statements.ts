/** Longer names would be cut by PostgreSQL (63 bytes) once something is added to them. */
const LONGEST_NAME = 50

/** Where a store keeps its rows; each name quoted. */
export interface Tables {
  readonly tokens: string
  readonly leases: string
  /** The index for `due`. It is in the schema of its table. */
  readonly index: string
}

/**
 * The tables of a store.
 *
 * @param table `name` or `schema.name`, as it is: capitals and quotes are part of it.
 * @param schema quoted; for a name that says none.
 */
export function tablesOf(table: string, schema?: string): Tables {
  const parts = table.split('.')
  const name = parts.pop() as string
  if (parts.length > 1 || [...parts, name].some((part) => part === '' || part.includes('\0') || bytes(part) > LONGEST_NAME))
    throw new TypeError(`postgresStore: option 'table': expected name or schema.name, each of 1 to ${LONGEST_NAME} bytes, got '${table}'`)
  const prefix = parts[0] !== undefined ? `${quoted(parts[0])}.` : schema ? `${schema}.` : ''
  return {
    tokens: prefix + quoted(name),
    leases: prefix + quoted(`${name}_leases`),
    index: quoted(`${name}_expires_at`),
  }
}

/** How many accounts `due` reads at once. */
export const PAGE = 200

/**
 * The statements of a store, each a transaction of its own. Leases have a table of their own, as there may be one before
 * there are tokens; its times are by the clock of the database, as those of the machines may differ.
 */
export function statementsOn({ tokens, leases }: Tables, channel: string) {
  const until = `clock_timestamp() + $3::float8 * interval '1 millisecond'`
  // The channel is a name of ours. Without a payload nobody is told.
  const tell = (rows: string, payload: string) =>
    `WITH changed AS (${rows}) SELECT changed.*, CASE WHEN ${payload}::text IS NOT NULL THEN pg_notify('${channel}', ${payload}) END FROM changed`
  return {
    read: `SELECT record, version::text AS version FROM ${tokens} WHERE account = $1`,
    /** $1 account, $2 record, $3 when it expires, $4 payload. */
    insert: tell(
      `INSERT INTO ${tokens} (account, record, expires_at) VALUES ($1, $2, $3) ON CONFLICT (account) DO NOTHING RETURNING version::text AS version`,
      '$4',
    ),
    /** The same, and $5 version. */
    update: tell(
      `UPDATE ${tokens} SET record = $2, expires_at = $3, version = gen_random_uuid() WHERE account = $1 AND version::text = $5 RETURNING version::text AS version`,
      '$4',
    ),
    /** $1 account, $2 owner, $3 ms. */
    take:
      `INSERT INTO ${leases} AS held (account, owner, held_until) VALUES ($1, $2, ${until})` +
      ` ON CONFLICT (account) DO UPDATE SET owner = $2, held_until = ${until}` +
      ' WHERE held.owner = $2 OR held.held_until <= clock_timestamp() RETURNING 1',
    /** The same. */
    renew: `UPDATE ${leases} SET held_until = ${until} WHERE account = $1 AND owner = $2 RETURNING 1`,
    /** $1 account, $2 owner, $3 payload. */
    release: tell(`DELETE FROM ${leases} WHERE account = $1 AND owner = $2 RETURNING account`, '$3'),
    /** $1 accounts. `held_ms`: how long the lease lasts; `null` without one. */
    look:
      `SELECT account, version::text AS version, (extract(epoch FROM held_until - clock_timestamp()) * 1000)::float8 AS held_ms` +
      ` FROM unnest($1::text[]) AS watched(account) LEFT JOIN ${tokens} USING (account) LEFT JOIN ${leases} USING (account)`,
    /** $1 before, $2 after which account (`null`: from the first). */
    due: `SELECT account FROM ${tokens} WHERE expires_at < $1::float8 AND ($2::text IS NULL OR account > $2) ORDER BY account LIMIT ${PAGE}`,
    /** $1 payload. */
    notify: `SELECT pg_notify('${channel}', $1)`,
    listen: `LISTEN "${channel}"`,
  }
}

export type Statements = ReturnType<typeof statementsOn>

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
