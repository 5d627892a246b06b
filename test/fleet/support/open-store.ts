import type { TokenStore } from 'axios-renew'
import { fileStore } from 'axios-renew/file'
import { postgresStore } from 'axios-renew/postgres'
import { redisStore } from 'axios-renew/redis'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createClient } from 'redis'
import { CountingClient } from '../../support/counting-client.ts'

export type ServerClient = 'node-redis' | 'ioredis' | 'pg'

/** The store of a process, and by which client it reaches it. */
export type Where = { client: ServerClient; port: number } | { client: 'file'; path: string }

/** Opens it as users are told to: with bounds, so that nothing waits in a client while the store is away. */
export async function openStore(where: Where, leaseMs: number | undefined): Promise<TokenStore> {
  if (where.client === 'file') return fileStore(where.path, { leaseMs })
  const { client, port } = where
  if (client === 'pg') {
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5, Client: CountingClient })
    pool.on('error', () => {})
    return postgresStore(pool, { leaseMs })
  }
  if (client === 'ioredis') {
    const redis = new Redis(port, { lazyConnect: true, maxRetriesPerRequest: 1, commandTimeout: 10_000, retryStrategy: () => 50 })
    redis.on('error', () => {})
    await redis.connect()
    return redisStore(redis, { leaseMs })
  }
  const redis = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
  redis.on('error', () => {})
  await redis.connect()
  return redisStore(redis, { leaseMs })
}
