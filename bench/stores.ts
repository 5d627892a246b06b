/**
 * What one process, one Redis and one PostgreSQL carry: `npm run bench:stores`. The servers are started here, on this machine;
 * the token endpoint answers at once, so that what is measured is the library and the store.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Pool } from 'pg'
import { createClient } from 'redis'
import type * as Library from '../src/index.ts'
import type * as PostgresEntry from '../src/postgres.ts'
import type * as RedisEntry from '../src/redis.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import { startRedis } from '../test/support/redis-server.ts'

const ACCOUNTS = Number(process.env.ACCOUNTS ?? 5000)
const HOUR = 3600_000

const entry = async <Entry>(name: string): Promise<Entry> => import(pathToFileURL(resolve(`dist/${name}.mjs`)).href)
const { createSessionPool, memoryStore } = await entry<typeof Library>('index')
const { redisStore } = await entry<typeof RedisEntry>('redis')
const { postgresStore } = await entry<typeof PostgresEntry>('postgres')

/** How many pairs one process renews, and reads, in a second. */
async function measure(name: string, store: Library.TokenStore, inUse?: () => Promise<number>): Promise<void> {
  let count = 0
  const refresh = async () => {
    count++
    return { access_token: `APP_USR-${count}`.padEnd(74, 'x'), refresh_token: `TG-${count}`.padEnd(44, 'y'), expires_in: 15_552_000 }
  }
  const open = () => createSessionPool({ refresh, store, maxConcurrentRefreshes: 32 })
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => i)
  const pool = open()
  const seconds = async (work: () => Promise<unknown>) => {
    const from = performance.now()
    await work()
    return (performance.now() - from) / 1000
  }
  const each = async (work: (account: number) => Promise<unknown>) => {
    const queue = accounts.values()
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        for (const account of queue) await work(account)
      }),
    )
  }
  const signIns = await seconds(() =>
    each((account) => pool.session(account).signIn({ access_token: 'a', refresh_token: `r${account}`, expires_in: 3600 })),
  )
  const renewals = await seconds(() => pool.renewDue({ withinMs: 2 * HOUR }))
  const cold = open()
  const reads = await seconds(() => each((account) => cold.session(account).getTokens()))
  await Promise.all([pool.close(), cold.close()])
  const perSecond = (time: number) => `${Math.round(ACCOUNTS / time).toLocaleString('en')}/s`
  const bytes = inUse ? `, ${Math.round((await inUse()) / ACCOUNTS)} bytes an account in the store` : ''
  console.log(`${name}: ${perSecond(signIns)} sign-ins, ${perSecond(renewals)} renewals, ${perSecond(reads)} first uses${bytes}`)
}

console.log(`${ACCOUNTS} accounts, 32 at once, one process, Node ${process.version}`)
await measure('memoryStore', memoryStore())

const redis = await startRedis()
const client = createClient({ url: redis.url })
await client.connect()
const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
const empty = await used()
await measure('redisStore', redisStore(client), async () => (await used()) - empty)
client.destroy()
await redis.stop()

const postgres = await startPostgres({ fsync: 'on' })
const database = new Pool({ connectionString: postgres.connectionString, max: 10 })
const store = postgresStore(database)
await store.setup()
await measure('postgresStore (fsync on)', store, async () => {
  await database.query('VACUUM FULL axios_renew')
  return Number((await database.query("SELECT pg_total_relation_size('axios_renew') AS bytes")).rows[0].bytes)
})
await database.end()
await postgres.close()
