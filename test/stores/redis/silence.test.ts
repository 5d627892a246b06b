import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { redisStore } from '../../../src/redis.ts'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { News } from '../../../src/stores/redis/news.ts'
import { noRedis } from '../../support/redis-server.ts'
import { libraries, until, useRedis } from './support.ts'

describe.skipIf(noRedis)('the subscription of redisStore', () => {
  const redis = useRedis()
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }))
  afterEach(() => void vi.useRealTimers())

  /** Between a client and Redis. It can forget the connections that subscribe: they stand, and nothing passes. */
  async function startProxy() {
    const proxy = { port: 0, subscriptions: 0, pings: 0, forget: () => {}, close: () => {} }
    const closing: (() => void)[] = []
    const forgetting: (() => void)[] = []
    const server = createServer((socket) => {
      const upstream = connect(redis.server.port, '127.0.0.1')
      for (const [from, to] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        from.pipe(to)
        from.on('error', () => to.destroy())
        closing.push(() => from.destroy())
      }
      socket.on('data', (data) => {
        if (/\r\nping\r\n/i.test(String(data))) proxy.pings++
        if (!/\r\nsubscribe\r\n/i.test(String(data))) return
        proxy.subscriptions++
        proxy.pings = 0
        forgetting.push(() => {
          socket.unpipe().resume()
          upstream.unpipe().resume()
        })
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy.port = (server.address() as AddressInfo).port
    proxy.forget = () => {
      for (const forget of forgetting.splice(0)) forget()
    }
    proxy.close = () => {
      server.close()
      for (const close of closing) close()
    }
    return proxy
  }

  /** Answers still come over a real network. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      await sleep(50)
    }
  }

  for (const library of ['node-redis', 'ioredis'] as const) {
    test(`is opened again when nothing comes any more, not even an answer (${library})`, async () => {
      const proxy = await startProxy()
      const { client, close } = await libraries[library](proxy.port)
      let calls = 0
      const stop = redisStore(client).watch('seller', () => void calls++)
      await until('the store listens', () => calls > 0)
      await pass(25)
      expect(proxy.subscriptions).toBe(1)
      expect(proxy.pings).toBe(2)
      calls = 0
      proxy.forget()
      await pass(25)
      expect(proxy.subscriptions).toBe(2)
      expect(calls).toBeGreaterThan(0)
      stop()
      await pass(12)
      proxy.pings = 0
      await pass(12)
      expect(proxy.pings).toBe(0)
      close()
      proxy.close()
    })
  }
})

describe('redisStore over what never answers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('subscribes in the end, though the first node of the cluster that was asked for never came', async () => {
    let asked = 0
    const subscriber = {
      on() {},
      unref() {},
      connect: async () => {},
      subscribe: vi.fn(async () => {}),
      ping: async () => {},
      destroy() {},
    }
    const node = { options: {}, duplicate: () => subscriber }
    const cluster = {
      isOpen: true,
      masters: [{}],
      sendCommand: async () => null,
      nodeClient: () => (++asked === 1 ? new Promise(() => {}) : Promise.resolve(node)),
    }
    const stop = redisStore(cluster).watch('seller', () => {})
    await vi.advanceTimersByTimeAsync(60_000)
    expect(subscriber.subscribe).toHaveBeenCalledTimes(1)
    stop()
  })

  test('keeps a subscription on which it cannot ask: node-redis 4.5 and older refuse that', async () => {
    const refuse = () => Promise.reject(new Error('Cannot send commands in PubSub mode'))
    const subscriber = { on() {}, unref() {}, connect: async () => {}, subscribe: vi.fn(async () => {}), ping: vi.fn(refuse), destroy() {} }
    const client = { isOpen: true, unref() {}, sendCommand: async () => null, duplicate: () => subscriber }
    const stop = redisStore(client).watch('seller', () => {})
    await vi.advanceTimersByTimeAsync(600_000)
    expect(subscriber.subscribe).toHaveBeenCalledTimes(1)
    expect(subscriber.ping).toHaveBeenCalled()
    stop()
  })

  test('looks once in ten minutes at an account whose look is not answered: a client may keep it all', async () => {
    const send = vi.fn(() => new Promise(() => {}))
    const news = new News({ send, isOpen: () => true, node: () => Promise.reject(new Error('nobody answers')) }, keysOf('silent'))
    const stops = Array.from({ length: 250 }, (_, index) => news.onWritten(`seller ${index}`, () => {}))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(send.mock.calls.length).toBeLessThanOrEqual(6 * 250)
    expect(send.mock.calls.length).toBeGreaterThan(5 * 200)
    for (const stop of stops) stop()
  })

  test('looks at the others meanwhile, however many are not answered', async () => {
    const looks = new Map<string, number>()
    const send = (_: string[], key = '') => {
      looks.set(key, (looks.get(key) ?? 0) + 1)
      return key.includes('silent') ? new Promise(() => {}) : Promise.resolve('a version')
    }
    const news = new News({ send, isOpen: () => true, node: () => Promise.reject(new Error('nobody answers')) }, keysOf('net'))
    const stops = Array.from({ length: 600 }, (_, index) => news.onWritten(`${index % 2 ? 'silent' : 'seller'} ${index}`, () => {}))
    await vi.advanceTimersByTimeAsync(600_000)
    for (const [key, times] of looks) expect(times).toSatisfy((count) => (key.includes('silent') ? count <= 2 : count > 50))
    expect(looks.size).toBe(600)
    for (const stop of stops) stop()
  })
})
