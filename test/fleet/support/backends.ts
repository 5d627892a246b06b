import { join } from 'node:path'
import type { SessionRecord, TokenStore } from 'axios-renew'
import { fileStore } from 'axios-renew/file'
import { postgresStore } from 'axios-renew/postgres'
import { redisStore } from 'axios-renew/redis'
import pg from 'pg'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe } from 'vitest'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { scratch } from '../../stores/file/support/scratch.ts'
import { requireProgram } from '../../support/own-port.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import type { Where } from './open-store.ts'

/** What keeps the records of a fleet, as a test sees it. */
export interface Backend {
  /** Where the next process finds it, and by which client: there are several for Redis. */
  next(): Where
  /** Reads and writes as a process would. */
  readonly store: TokenStore
}

/** One that is a server. */
interface BackendServer extends Backend {
  readonly port: number
  /** A row as it is now; returns what puts it back, as a restored backup would. */
  copy(account: string): Promise<() => Promise<unknown>>
  /** Forgets everything, as a Redis without persistence does. */
  empty(): Promise<unknown>
  /** At once, as if the machine had lost power; what was written stays. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Ways to make it refuse all writes; each returns what ends that. */
  readonly refusals: Readonly<Record<string, () => Promise<() => Promise<unknown>>>>
  /** Asks PostgreSQL. */
  query?(text: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** Describes what holds over Redis, and over PostgreSQL. */
export function overEachStore(title: string, tests: (name: StoreName, backend: () => BackendServer) => void): void {
  for (const name of ['Redis', 'PostgreSQL'] as const) overStore(name, title, (backend) => tests(name, backend))
}

export type StoreName = keyof typeof STORES

/** Describes what holds over one of them; the server is there for all tests in it. */
function overStore(name: StoreName, title: string, tests: (backend: () => BackendServer) => void): void {
  const { program, start } = STORES[name]
  describe.skipIf(!requireProgram(program))(`${title}, over ${name}`, () => {
    let backend: BackendServer
    beforeAll(async () => {
      backend = await start()
    }, 60_000)
    afterAll(() => backend?.close())
    tests(() => backend)
  })
}

const STORES = {
  Redis: { program: 'redis', start: startRedisBackend },
  PostgreSQL: { program: 'postgres', start: startPostgresBackend },
} as const

async function startRedisBackend(): Promise<BackendServer> {
  const server = await startRedis({ appendonly: 'yes' })
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  const { record } = keysOf('axios-renew')
  let opened = 0
  const setting = (name: string, refusing: string, usual: string) => async () => {
    await client.configSet(name, refusing)
    return () => client.configSet(name, usual)
  }
  return {
    port: server.port,
    next: () => ({ client: opened++ % 2 === 0 ? 'node-redis' : 'ioredis', port: server.port }),
    store: redisStore(client),
    async copy(account) {
      const row = String(await client.get(record(account)))
      return () => client.set(record(account), row)
    },
    empty: () => client.flushAll(),
    stop: server.kill,
    start: server.restart,
    refusals: { 'full memory': setting('maxmemory', '1', '0'), 'lost replicas': setting('min-replicas-to-write', '1', '0') },
    async close() {
      client.destroy()
      await server.stop()
    },
  }
}

async function startPostgresBackend(): Promise<BackendServer> {
  const server = await startPostgres({ max_connections: 200 })
  const pool = new pg.Pool({ connectionString: server.connectionString })
  pool.on('error', () => {})
  const store = postgresStore(pool)
  await store.setup()
  const setReadOnly = async (value: 'on' | 'off') => {
    const client = await pool.connect()
    await client.query('SET default_transaction_read_only = off')
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await client.query('SELECT pg_reload_conf()')
    client.release(true)
  }
  return {
    port: server.port,
    next: () => ({ client: 'pg', port: server.port }),
    store,
    async copy(account) {
      const { rows } = await pool.query('SELECT record, version, expires_at FROM axios_renew WHERE account = $1', [account])
      const { record, version, expires_at } = rows[0]
      const statement = 'UPDATE axios_renew SET record = $2, version = $3, expires_at = $4 WHERE account = $1'
      return () => pool.query(statement, [account, record, version, expires_at])
    },
    empty: () => pool.query('TRUNCATE axios_renew, axios_renew_leases'),
    stop: () => server.stop('immediate'),
    start: () => server.start(),
    refusals: {
      'read-only transactions': async () => {
        await setReadOnly('on')
        return () => setReadOnly('off')
      },
    },
    query: async (text) => (await pool.query(text)).rows,
    async close() {
      await pool.end()
      await server.close()
    },
  }
}

/** A file, for one test; it is removed when that ends. */
export async function fileBackend(): Promise<Backend> {
  const path = join(await scratch(), 'tokens.json')
  return { next: () => ({ client: 'file', path }), store: fileStore(path) }
}

/** The record that is stored of an account. */
export async function stored({ store }: Backend, account: string): Promise<SessionRecord> {
  const found = await store.read(account)
  if (!found) throw new Error(`nothing is stored of ${account}`)
  return found.record
}
