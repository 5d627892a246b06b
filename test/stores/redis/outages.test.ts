import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { redisStore } from '../../../src/redis.ts'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { noRedis } from '../../support/redis-server.ts'
import { someRecord, until, useRedis } from './support.ts'

const never = new AbortController().signal

describe.skipIf(noRedis)('redisStore when Redis is in trouble', () => {
  const redis = useRedis()

  for (const library of ['node-redis', 'ioredis'] as const) {
    test(`goes on when the scripts were flushed (${library})`, async () => {
      const store = await redis.store(library)
      const first = await store.write(`flushed ${library}`, someRecord(), null)
      await redis.server.tell('script', 'flush')
      expect(await store.write(`flushed ${library}`, someRecord({ generation: 2 }), first)).toBeTruthy()
      await redis.server.tell('script', 'flush')
      expect(await store.lock('flushed', async () => 'done', { waitMs: 1000, signal: never })).toBe('done')
    })

    test(`rejects while it is down, and goes on after a restart, watchers too (${library})`, async () => {
      const store = await redis.store(library)
      const account = `restarted ${library}`
      let calls = 0
      const stop = store.watch(account, () => void calls++)
      await until('the store listens', () => calls > 0)
      const old = await store.write(account, someRecord(), null)
      await redis.server.kill()
      await expect(store.read(account)).rejects.toThrow('failed at Redis')
      await expect(store.write(account, someRecord(), old)).rejects.toThrow('failed at Redis')
      // Here, as it may listen again before it answers.
      calls = 0
      await redis.server.restart()
      await until('it answers again', () =>
        store.read(account).then(
          (stored) => stored === null,
          () => false,
        ),
      )
      // What Redis has forgotten was another row: its version is worth nothing.
      expect(await store.write(account, someRecord(), old)).toBeNull()
      await until('it listens again', () => calls > 0, 8000)
      calls = 0
      await store.write(account, someRecord(), null)
      await until('the watcher is called', () => calls > 0)
      stop()
    })

    test(`a write that the client sends twice is one write (${library})`, async () => {
      const { client } = await redis.connect(library)
      const store = redisStore(twice(client))
      const first = await store.write(`twice ${library}`, someRecord(), null)
      expect(first).toBeTruthy()
      expect((await store.read(`twice ${library}`))?.version).toBe(first)
    })
  }

  test('what is no record is a StoreError, is not quoted and not written over', async () => {
    const store = await redis.store('ioredis')
    const key = keysOf('axios-renew').record('foreign')
    for (const command of [
      ['set', key, 'secret-text'],
      ['set', key, '{"accessToken":"secret-text"}'],
      ['set', key, `${crypto.randomUUID()} secret-text`],
      ['set', key, `${crypto.randomUUID()} {"some":"secret-text"}`],
      ['hset', key, 'secret-text', 'secret-text'],
    ]) {
      await redis.server.tell('del', key)
      await redis.server.tell(...command)
      const error = await store.read('foreign').catch((reason) => reason)
      expect(error).toMatchObject({ name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' })
      expect(error.message).toMatch(/account "foreign" cannot be read/)
      expect(error.message).not.toContain('secret')
      expect(await store.write('foreign', someRecord(), null).catch(() => null)).toBeNull()
      expect(await redis.server.tell(command[0] === 'set' ? 'get' : 'hgetall', key)).toContain('secret-text')
    }
  })

  test('lets a process end that still watches', async () => {
    const script = new URL('./watching-process.ts', import.meta.url).pathname
    for (const library of ['node-redis', 'ioredis']) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, library, String(redis.server.port)], {
        timeout: 15_000,
      })
      expect(stdout).toContain('closed while watching')
    }
  })
})

/** A client that sends everything twice and gives the second answer, as after a connection that broke. */
function twice<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'call' && name !== 'sendCommand') return value.bind(target)
      return async (...args: unknown[]) => {
        await value.apply(target, args).catch(() => {})
        return value.apply(target, args)
      }
    },
  })
}
