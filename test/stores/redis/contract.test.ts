import { beforeAll, describe, test } from 'vitest'
import { testStore } from '../../../src/testing.ts'
import { noRedis } from '../../support/redis-server.ts'
import { type Library, useRedis } from './support.ts'

const leaseMs = 1000

describe.skipIf(noRedis)('redisStore keeps the contract of stores', () => {
  const redis = useRedis()
  for (const [first, second] of [
    ['node-redis', 'node-redis'],
    ['ioredis', 'ioredis'],
    ['node-redis', 'ioredis'],
  ] as [Library, Library][]) {
    describe(`with ${first} and ${second}`, () => testStore({ test, open: opener(redis, first, second), leaseMs }))
  }
})

describe.skipIf(noRedis)('redisStore keeps the contract of stores on Redis Cluster', () => {
  const redis = useRedis({ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' })
  beforeAll(async () => {
    await redis.server.tell('cluster', 'addslotsrange', '0', '16383')
    while (!(await redis.server.tell('cluster', 'info')).includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 25))
  })
  testStore({ test, open: opener(redis, 'cluster of node-redis', 'cluster of ioredis'), leaseMs })
})

/** Two connections for all cases, in turns. */
function opener(redis: ReturnType<typeof useRedis>, ...pair: [Library, Library]) {
  const stores = new Map<Library | 'second', ReturnType<typeof redis.store>>()
  let calls = 0
  return async () => {
    const index = calls++ % 2
    const name = index ? 'second' : pair[0]
    const store = stores.get(name) ?? redis.store(pair[index] ?? pair[0], { leaseMs })
    stores.set(name, store)
    return store
  }
}
