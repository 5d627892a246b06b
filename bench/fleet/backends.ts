import pg from 'pg'
import { createClient } from 'redis'
import { findProgram } from '../../scripts/requirements.mjs'
import type * as Library from '../../src/index.ts'
import type * as PostgresEntry from '../../src/postgres.ts'
import type * as RedisEntry from '../../src/redis.ts'
import { startPostgres } from '../../test/support/postgres-server.ts'
import { startRedis } from '../../test/support/redis-server.ts'
import { builtEntry } from '../built-entry.ts'
import type { StoredPair, Way } from './protocol.ts'

/** A server that keeps the tokens of a fleet. */
interface Backend {
  port: number
  ways: readonly Way[]
  write(way: Way, account: string, pair: StoredPair, endpoint: Endpoint): Promise<unknown>
  empty(): Promise<unknown>
  stop(): Promise<void>
}

type Endpoint = Pick<Parameters<typeof Library.oauth2>[0], 'tokenEndpoint' | 'clientId' | 'clientSecret'>

/** All of them that could be started. */
export interface Backends {
  readonly ways: readonly Way[]
  readonly missing: readonly string[]
  port(way: Way): number
  /** Stores the pair of a sign-in as this way does. */
  write: Backend['write']
  /** Forgets all accounts. */
  empty(way: Way): Promise<unknown>
  stop(): Promise<void>
}

/** Starts Redis and PostgreSQL, where they are installed. */
export async function startBackends(): Promise<Backends> {
  const started: Backend[] = []
  const missing: string[] = []
  for (const [name, start] of [['redis', startRedisBackend] as const, ['postgres', startPostgresBackend] as const]) {
    if (findProgram(name)) started.push(await start())
    else missing.push(`No ${name} here, so that what needs it was left out: \`node scripts/prepare-tests.mjs\` installs it or says how.`)
  }
  const of = (way: Way) => {
    const backend = started.find(({ ways }) => ways.includes(way))
    if (!backend) throw new Error(`no server for ${way}`)
    return backend
  }
  return {
    ways: started.flatMap(({ ways }) => ways),
    missing,
    port: (way) => of(way).port,
    write: (way, ...given) => of(way).write(way, ...given),
    empty: (way) => of(way).empty(),
    stop: async () => void (await Promise.all(started.map((backend) => backend.stop()))),
  }
}

async function startRedisBackend(): Promise<Backend> {
  const { redisStore } = await builtEntry<typeof RedisEntry>('redis')
  const server = await startRedis()
  const client = createClient({ url: server.url })
  await client.connect()
  const store = redisStore(client)
  return {
    port: server.port,
    ways: ['shared promise over Redis', 'axios-renew over Redis'],
    write: (way, account, pair, endpoint) =>
      way === 'axios-renew over Redis' ? writeRecord(store, account, pair, endpoint) : client.set(account, JSON.stringify(pair)),
    empty: () => client.flushAll(),
    async stop() {
      client.destroy()
      await server.stop()
    },
  }
}

async function startPostgresBackend(): Promise<Backend> {
  const { postgresStore } = await builtEntry<typeof PostgresEntry>('postgres')
  const server = await startPostgres({ max_connections: 200 })
  const pool = new pg.Pool({ connectionString: server.connectionString })
  const store = postgresStore(pool)
  await store.setup()
  return {
    port: server.port,
    ways: ['axios-renew over PostgreSQL'],
    write: (_way, account, pair, endpoint) => writeRecord(store, account, pair, endpoint),
    empty: () => pool.query('TRUNCATE axios_renew, axios_renew_leases'),
    async stop() {
      await pool.end()
      await server.close()
    },
  }
}

async function writeRecord(store: Library.TokenStore, account: string, pair: StoredPair, endpoint: Endpoint): Promise<unknown> {
  const { oauth2 } = await builtEntry<typeof Library>('index')
  const { client } = oauth2(endpoint)
  return store.write(account, { tokens: pair, generation: 1, lineage: `the sign-in of ${account}`, client }, null)
}
