import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import type { SessionRecord } from '../../../src/core/store/token-store.ts'
import { type RedisStore, type RedisStoreOptions, redisStore } from '../../../src/redis.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

/** A client, as a user would make it, and how it is closed. */
interface Client {
  client: Parameters<typeof redisStore>[0]
  /** At once, as by the end of its process. */
  close(): void
}

/** Ways to make a client: each library, alone and as a cluster. */
export const libraries = {
  async 'node-redis'(port: number): Promise<Client> {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },

  async ioredis(port: number): Promise<Client> {
    const client = new Redis(port, { lazyConnect: true, maxRetriesPerRequest: 1, commandTimeout: 2000, retryStrategy: () => 50 })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.disconnect() }
  },

  async 'cluster of node-redis'(port: number): Promise<Client> {
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },

  async 'cluster of ioredis'(port: number): Promise<Client> {
    const client = new Cluster([{ host: '127.0.0.1', port }], { lazyConnect: true })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.disconnect() }
  },
}

export type Library = keyof typeof libraries

/** A server for the tests of one file, and stores that are closed behind them. */
export function useRedis(settings?: Record<string, string>) {
  let server: RedisServer | undefined
  const opened: Client[] = []
  beforeAll(async () => {
    server = await startRedis(settings)
  })
  afterAll(async () => {
    for (const { close } of opened) close()
    await server?.stop()
  })
  const redis = {
    get server(): RedisServer {
      if (!server) throw new Error('The server has not been started')
      return server
    },
    async connect(library: Library): Promise<Client> {
      const client = await libraries[library](redis.server.port)
      opened.push(client)
      return client
    },
    async store(library: Library, options?: RedisStoreOptions): Promise<RedisStore> {
      return redisStore((await redis.connect(library)).client, options)
    },
  }
  return redis
}

export function someRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return { tokens: { accessToken: 'an access token' }, generation: 1, lineage: 'a sign-in', ...fields }
}

/** Waits until something holds. */
export async function until(what: string, holds: () => unknown, ms = 5000): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
