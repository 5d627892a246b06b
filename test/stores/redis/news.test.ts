import { describe, expect, test } from 'vitest'
import { noRedis } from '../../support/redis-server.ts'
import { someRecord, until, useRedis } from './support.ts'

describe.skipIf(noRedis)('the news of redisStore', () => {
  const redis = useRedis()

  for (const [watching, writing] of [
    ['node-redis', 'ioredis'],
    ['ioredis', 'node-redis'],
  ] as const) {
    test(`arrives within 250 ms (${writing} writes, ${watching} watches)`, async () => {
      const [watcher, writer] = [await redis.store(watching, { prefix: watching }), await redis.store(writing, { prefix: watching })]
      let calledAt = 0
      const stop = watcher.watch('fast', () => {
        calledAt = performance.now()
      })
      await until('the store listens', () => calledAt)
      const waits: number[] = []
      let version: string | null = null
      for (let round = 0; round < 50; round++) {
        calledAt = 0
        const started = performance.now()
        version = await writer.write('fast', someRecord({ generation: round }), version)
        await until('the watcher is called', () => calledAt)
        waits.push(calledAt - started)
      }
      stop()
      waits.sort((a, b) => a - b)
      process.stdout.write(
        `${writing} to ${watching}: ${waits[25]?.toFixed(1)} ms from write to call (median of 50), ${waits[49]?.toFixed(1)} at most\n`,
      )
      expect(waits[25]).toBeLessThan(250)
    })

    test(`comes again after the subscription was cut (${watching})`, async () => {
      const [watcher, writer] = [await redis.store(watching), await redis.store(writing)]
      const account = `cut ${watching}`
      let calls = 0
      const stop = watcher.watch(account, () => void calls++)
      await until('the store listens', () => calls > 0)
      calls = 0
      await redis.server.tell('client', 'kill', 'type', 'pubsub')
      const version = await writer.write(account, someRecord(), null)
      await until('the watcher is called for what it may have missed', () => calls > 0)
      await new Promise((resolve) => setTimeout(resolve, 300))
      calls = 0
      const started = performance.now()
      await writer.write(account, someRecord({ generation: 2 }), version)
      await until('the watcher is called', () => calls > 0)
      // Polling would take up to 5 s.
      expect(performance.now() - started).toBeLessThan(2500)
      stop()
    })
  }

  test('is found by looking where publishing and subscribing are forbidden', async () => {
    const [watcher, writer] = [await redis.store('node-redis'), await redis.store('ioredis')]
    await redis.server.tell('acl', 'setuser', 'default', 'resetchannels')
    try {
      let calls = 0
      const stop = watcher.watch('by looking', () => void calls++)
      const version = await writer.write('by looking', someRecord(), null)
      expect(version).toBeTruthy()
      await until('the watcher is called', () => calls > 0, 7000)
      await new Promise((resolve) => setTimeout(resolve, 500))
      calls = 0
      await writer.write('by looking', someRecord({ generation: 2 }), version)
      await until('the watcher is called', () => calls > 0, 7000)
      stop()
    } finally {
      await redis.server.tell('acl', 'setuser', 'default', 'allchannels')
    }
  })

  test('of an intent is none', async () => {
    const store = await redis.store('ioredis')
    let calls = 0
    const stop = store.watch('intent', () => void calls++)
    await until('the store listens', () => calls > 0)
    calls = 0
    const version = await store.write('intent', someRecord({ refreshStartedAt: 1 }), null)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(calls).toBe(0)
    await store.write('intent', someRecord(), version)
    await until('the watcher is called', () => calls > 0)
    stop()
  })

  test('comes over one connection, however many watch', async () => {
    const store = await redis.store('ioredis', { prefix: 'crowd' })
    let calls = 0
    const stops = Array.from({ length: 100 }, (_, index) => store.watch(`account ${index}`, () => void calls++))
    await until('the store listens', () => calls >= 100)
    expect(await redis.server.tell('pubsub', 'numsub', 'crowd:news')).toMatch(/:1\r\n$/)
    for (const stop of stops) stop()
  })

  test('that somebody else publishes on the channel does no harm', async () => {
    const store = await redis.store('node-redis', { prefix: 'noisy' })
    let calls = 0
    const stop = store.watch('noisy', () => void calls++)
    await until('the store listens', () => calls > 0)
    calls = 0
    for (const text of ['', ' ', 'written', 'written %zz 1', 'free %', '{"a":1}', 'written noisy'])
      await redis.server.tell('publish', 'noisy:news', text)
    await until('the watcher is called for what could be understood', () => calls > 0)
    stop()
  })
})
