import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { expect, expectTypeOf, test } from 'vitest'
import { type RedisStore, redisStore } from '../../../src/redis.ts'
import { escapeAccount, keysOf, unescapeAccount } from '../../../src/stores/redis/keys.ts'

const client = () => createClient()

test('takes the clients of both libraries, as their types are', () => {
  const typed = () => [
    redisStore(createClient()),
    redisStore(createClient({ url: 'redis://127.0.0.1' })),
    redisStore(createClient({ RESP: 2, commandOptions: { timeout: 1000 } })),
    redisStore(createCluster({ rootNodes: [{ url: 'redis://127.0.0.1' }] })),
    redisStore(new Redis()),
    redisStore(new Redis({ host: '127.0.0.1', replyMapping: 'resp3' })),
    redisStore(new Cluster([{ host: '127.0.0.1', port: 6379 }])),
    redisStore(createClient(), { prefix: 'shop', leaseMs: 60_000 }),
    // @ts-expect-error a pool has no connection of its own to subscribe with
    redisStore(createClientPool()),
    // @ts-expect-error a sentinel sends in a way of its own
    redisStore(createSentinel({ name: 'main', sentinelRootNodes: [] })),
    // @ts-expect-error no such option
    redisStore(createClient(), { ttl: 1 }),
    // @ts-expect-error no client
    redisStore({}),
  ]
  expectTypeOf(typed).returns.toEqualTypeOf<RedisStore[]>()
})

test('refuses what is no client it knows', () => {
  const sentinel = createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] })
  for (const other of [undefined, null, 'redis://127.0.0.1', {}, createClientPool(), sentinel]) {
    expect(() => redisStore(other as never)).toThrow(TypeError)
  }
})

test('names the option that cannot be meant', () => {
  expect(() => redisStore(client(), { prefix: '' })).toThrow("redisStore: option 'prefix': expected string, got empty string")
  expect(() => redisStore(client(), { leaseMs: -1 })).toThrow("redisStore: option 'leaseMs': expected number, got -1")
  expect(() => redisStore(client(), { ttl: 1 } as never)).toThrow("redisStore: unknown option 'ttl', expected prefix, leaseMs")
})

test('gives each account keys of its own, those of one account in one slot', () => {
  const accounts = [
    '',
    '%',
    '%25',
    '{a}',
    'a',
    'a:b',
    'a b',
    'lock:x',
    '__proto__',
    'due',
    'é',
    'e\u0301',
    '🦆',
    '\ud83e',
    '%ud83e',
    '\udd86\ud83e',
    'x'.repeat(500),
  ]
  const keys = keysOf('p')
  const names = accounts.flatMap((account) => [keys.record(account), keys.lease(account)])
  expect(new Set([...names, keys.due, keys.channel]).size).toBe(2 * accounts.length + 2)
  for (const account of accounts) {
    expect(unescapeAccount(escapeAccount(account))).toBe(account)
    expect(keys.record(account)).toMatch(/^p:\{[!-z]+\}:record$/)
  }
})
