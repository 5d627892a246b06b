import { describe, expect, test } from 'vitest'
import type { RedisStore } from '../../../src/redis.ts'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { noRedis } from '../../support/redis-server.ts'
import { someRecord, useRedis } from './support.ts'

describe.skipIf(noRedis)('due of redisStore', () => {
  const redis = useRedis()
  const expiringAt = (expiresAt: number) => someRecord({ tokens: { accessToken: 'an access token', expiresAt } })
  const listed = async (prefix: string) => Number((await redis.server.tell('zcard', `${prefix}:due`)).slice(1))

  test('finds 2,000 accounts, each once, also those that expire at one moment', async () => {
    const store = await redis.store('ioredis', { prefix: 'many' })
    const accounts = Array.from({ length: 2000 }, (_, index) => `account ${index}`)
    await Promise.all(accounts.map((account, index) => store.write(account, expiringAt(index < 900 ? 500 : index), null)))
    const started = performance.now()
    expect(await all(store, 2000)).toEqual([...accounts].sort())
    process.stdout.write(`2,000 accounts that are due are found in ${(performance.now() - started).toFixed(0)} ms\n`)
    expect(await all(store, 500)).toEqual([])
    expect(await all(store, 2000, 'account 1998')).toEqual([...accounts].sort().slice([...accounts].sort().indexOf('account 1998') + 1))
  })

  test('leaves out, and forgets, what is stale in the index', async () => {
    const store = await redis.store('node-redis', { prefix: 'stale' })
    const versions: Record<string, string | null> = {}
    for (const account of ['deleted', 'signed out', 'ended', 'renewed', 'due']) {
      versions[account] = await store.write(account, expiringAt(100), null)
    }
    await redis.server.tell('del', keysOf('stale').record('deleted'))
    await store.write('signed out', someRecord({ tokens: null }), versions['signed out'] ?? '')
    await store.write('ended', { ...expiringAt(100), endedAt: 5 }, versions.ended ?? '')
    await store.write('renewed', expiringAt(9000), versions.renewed ?? '')
    expect(await listed('stale')).toBe(5)
    expect(await all(store, 1000)).toEqual(['due'])
    expect(await listed('stale')).toBe(2)
    for (const before of [10_000, Number.POSITIVE_INFINITY]) expect(await all(store, before)).toEqual(['due', 'renewed'])
  })

  test('finds an account though it was put off while somebody brought it forward', async () => {
    for (let round = 0; round < 30; round++) {
      const prefix = `race ${round}`
      const [one, other] = [await redis.store('node-redis', { prefix }), await redis.store('ioredis', { prefix })]
      const first = await one.write('contested', expiringAt(100), null)
      const second = await one.write('contested', expiringAt(9000), first)
      await Promise.all([all(one, 1000), other.write('contested', expiringAt(200), second)])
      expect(await all(other, 1000)).toEqual(['contested'])
    }
  })

  test('tells of an account whose record cannot be read: somebody must look', async () => {
    const store = await redis.store('node-redis', { prefix: 'unreadable' })
    await store.write('broken', expiringAt(100), null)
    await redis.server.tell('set', keysOf('unreadable').record('broken'), 'something else')
    expect(await all(store, 1000)).toEqual(['broken'])
  })

  test('does not keep a pair from being written when the index is broken', async () => {
    const store = await redis.store('ioredis', { prefix: 'no index' })
    await redis.server.tell('set', 'no index:due', 'not a sorted set')
    expect(await store.write('kept', expiringAt(100), null)).toBeTruthy()
    await expect(all(store, 1000)).rejects.toThrow('failed at Redis')
  })
})

async function all(store: RedisStore, beforeMs: number, cursor?: string): Promise<string[]> {
  const found: string[] = []
  for await (const account of store.due(beforeMs, cursor)) found.push(account)
  return found.sort()
}
