import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../../../src/index.ts'
import { redisStore } from '../../../src/redis.ts'
import { noRedis } from '../../support/redis-server.ts'
import { someRecord, useRedis } from './support.ts'

const record = someRecord({ tokens: { accessToken: 'secret-access-token', refreshToken: 'secret-refresh-token' } })

describe.skipIf(noRedis)('errors of redisStore show no token', () => {
  const redis = useRedis()

  for (const library of ['node-redis', 'ioredis'] as const) {
    test(`when the command is forbidden (${library})`, async () => {
      const { client } = await redis.connect(library)
      await redis.server.tell('acl', 'setuser', 'default', '-evalsha', '-eval')
      const error = await failure(redisStore(client).write('someone', record, null))
      await redis.server.tell('acl', 'setuser', 'default', '+@all')
      expectNoSecret(error)
      // A StoreError would say that the record cannot be read.
      expect(error).not.toBeInstanceOf(StoreError)
      expect(error.message).toMatch(/EVALSHA failed at Redis: NOPERM .*evalsha/)
    })

    test(`when Redis is full (${library})`, async () => {
      const { client } = await redis.connect(library)
      await redis.server.tell('config', 'set', 'maxmemory', '1')
      const error = await failure(redisStore(client).write('someone', record, null))
      await redis.server.tell('config', 'set', 'maxmemory', '0')
      expectNoSecret(error)
      expect(error.message).toContain('OOM')
    })

    test(`when the connection breaks with the command on its way, and when the client is closed (${library})`, async () => {
      const { client, close } = await redis.connect(library)
      const store = redisStore(client)
      await store.read('someone')
      redis.server.pause()
      const written = failure(store.write('someone', record, null))
      await new Promise((resolve) => setTimeout(resolve, 50))
      await redis.server.kill()
      expectNoSecret(await written)
      await redis.server.restart()
      close()
      expectNoSecret(await failure(store.write('someone', record, null)))
    })
  }
})

describe('errors of redisStore show no token', () => {
  for (const message of [
    "ERR unknown command 'EVALSHA', with args beginning with: 'abc' '1' 'key' '' 'version' '{\"accessToken\":\"secret-acc",
    'proxy: bad request near "secret-access-token","refreshToken"',
    'cannot parse {\\"accessToken\\":\\"secret-access-token\\"}',
    'bad argument secret-refresh-token',
  ]) {
    test(`when the client says: ${message.slice(0, 30)}`, async () => {
      const client = {
        status: 'ready',
        duplicate: () => client,
        call: async (command: string, args: string[]) => {
          throw Object.assign(new Error(message), { command: { name: command, args }, args })
        },
      }
      const error = await failure(redisStore(client).write('someone', record, null))
      expectNoSecret(error)
      expect(error.message).toMatch(/^EVALSHA failed at Redis: \w/)
    })
  }
})

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    (value) => {
      throw new Error(`expected a rejection, got ${value}`)
    },
    (error) => error,
  )
}

function expectNoSecret(error: Error): void {
  for (const text of [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), error.message, String(error.stack)]) {
    expect(text).not.toContain('secret')
  }
}
