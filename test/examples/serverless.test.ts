import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { type PaymentsApi, startPaymentsApi } from '../../examples/servers/payments-api.ts'
import { noRedis, type RedisServer, startRedis } from '../support/redis-server.ts'
import { startScript } from './run-script.ts'

const PLATFORM = fileURLToPath(new URL('./serverless-platform.ts', import.meta.url))
const MINUTE = 60_000

/** A process that runs while there is a request, or something to wait for; else it is stopped. */
interface Instance {
  post(tokens: object): Promise<number>
  get(): Promise<number>
}

describe.skipIf(noRedis)('serverless.ts, frozen between requests', () => {
  let redis: RedisServer
  let auth: AuthorizationServer
  let api: PaymentsApi
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())
  beforeEach(async () => {
    await redis.restart()
    auth = await startAuthorizationServer()
    auth.latencyMs = 400
    api = await startPaymentsApi({ accepts: auth.accepts })
  })
  afterEach(() => Promise.all([auth.close(), api.close()]))

  async function start(mode: 'waitUntil' | 'ignored' | 'without'): Promise<Instance> {
    const { tokenEndpoint, clientId, clientSecret } = auth
    const environment = { API_URL: api.url, TOKEN_ENDPOINT: tokenEndpoint, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret }
    const { child, printed } = startScript(PLATFORM, [mode], { ...environment, REDIS_URL: redis.url })
    onTestFinished(() => void child.kill('SIGKILL'))
    const soon = { timeout: 20_000, interval: 5 }
    await expect.poll(() => printed.stdout, soon).toContain('listening on')
    const url = String(/http:\S+/.exec(printed.stdout)?.[0])
    let sent = 0
    async function invoke(init: RequestInit): Promise<number> {
      child.kill('SIGCONT')
      sent++
      const response = await fetch(url, init)
      await response.text()
      await expect.poll(() => printed.stdout, soon).toContain(`idle after ${sent}\n`)
      child.kill('SIGSTOP')
      expect(printed.stderr).toBe('')
      return response.status
    }
    return { get: () => invoke({}), post: (tokens) => invoke({ method: 'POST', body: JSON.stringify(tokens) }) }
  }

  /** A pair with so much time left, of an hour. */
  async function pairWith(leftMs: number): Promise<object> {
    const { access_token, refresh_token } = await auth.authorize('our shop')
    const expiresAt = Date.now() + leftMs
    return { accessToken: access_token, refreshToken: refresh_token, expiresAt, issuedAt: expiresAt - 60 * MINUTE }
  }

  /** The generation of the pair in the store: 2 is the first that was renewed. */
  async function storedGeneration(): Promise<number> {
    return Number(/"generation":(\d+)/.exec(await redis.tell('get', 'axios-renew:{our%20shop}:record'))?.[1])
  }

  test('with waitUntil it renews beside the response, and is frozen when the pair is saved', async () => {
    const instance = await start('waitUntil')
    expect(await instance.post(await pairWith(3 * MINUTE))).toBe(204)
    expect(await instance.get()).toBe(200)
    expect(await storedGeneration()).toBe(2)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1 })
    const other = await start('waitUntil')
    expect(await other.get()).toBe(200)
    expect(await instance.get()).toBe(200)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
    expect(api.counters.unauthorized).toBe(0)
  }, 60_000)

  test('without background work it begins nothing ahead of time, and a request that needs it waits', async () => {
    const instance = await start('without')
    await instance.post(await pairWith(3 * MINUTE))
    expect(await instance.get()).toBe(200)
    expect([await storedGeneration(), auth.counters.tokenRequests]).toEqual([1, 0])
    await instance.post(await pairWith(20_000))
    expect(await instance.get()).toBe(200)
    expect(await storedGeneration()).toBe(2)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1 })
    const other = await start('without')
    expect(await other.get()).toBe(200)
    expect(await instance.get()).toBe(200)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
  }, 60_000)

  test('whoever ignores waitUntil is frozen in the middle; when it goes on it takes the answer, and sends nothing twice', async () => {
    const instance = await start('ignored')
    auth.latencyMs = 1500
    await instance.post(await pairWith(3 * MINUTE))
    expect(await instance.get()).toBe(200)
    expect(await storedGeneration()).toBe(1)
    // It gets on a little at each request.
    await expect.poll(async () => [await instance.get(), await storedGeneration()], { timeout: 20_000 }).toEqual([200, 2])
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
  }, 60_000)
})
