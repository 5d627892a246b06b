import pg from 'pg'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { SessionRecord, TokenStore } from '../../../src/core/store/token-store.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

/** A PostgreSQL for the tests of a file, and pools that are ended after each. */
export function postgresForTests(settings?: Record<string, string | number>) {
  let server: PostgresServer
  const pools: pg.Pool[] = []
  beforeAll(async () => {
    server = await startPostgres(settings)
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  })
  afterAll(() => server?.close())
  return {
    get server(): PostgresServer {
      return server
    },
    pool(options: pg.PoolConfig = {}): pg.Pool {
      const pool = new pg.Pool({ connectionString: server.connectionString, onConnect: namePooled, ...options })
      // As users are told to: a connection that breaks while nobody uses it would end the process.
      pool.on('error', () => {})
      pools.push(pool)
      return pool
    },
  }
}

export function someRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return { tokens: { accessToken: 'some access token', refreshToken: 'some refresh token' }, generation: 1, lineage: 'one', ...fields }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  for (const started = Date.now(); !(await isSo()); await sleep(5)) {
    if (Date.now() - started > ms) throw new Error(`${what}: did not happen within ${ms} ms`)
  }
}

/** Waits for the lock without end, and does the work under it. */
export function lock<T>(store: TokenStore, account: string, work: (lease: { signal: AbortSignal }) => Promise<T>, waitMs = 60_000) {
  return store.lock(account, work, { waitMs, signal: new AbortController().signal })
}

/** Marks a connection as one of a pool. */
export function namePooled(client: pg.ClientBase) {
  return client.query(`SET application_name TO 'pooled'`)
}

/** The connections that are none of a pool. */
export async function listeners(pool: pg.Pool): Promise<number[]> {
  const { rows } = await pool.query(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name = '' AND query <> ''`,
  )
  return rows.map(({ pid }) => pid)
}

/** A number that a test has measured, for whoever reads its output. */
export function tell(text: string): void {
  process.stdout.write(`      ${text}\n`)
}
