import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { startPaymentsApi } from '../../examples/servers/payments-api.ts'
import { noRedis, type RedisServer, startRedis } from '../support/redis-server.ts'
import { startScript } from './run-script.ts'

/** The authorization server, the API, and so many processes of examples/ssr.ts. */
async function startScene(processes: number, environment: Record<string, string> = {}) {
  const auth = await startAuthorizationServer()
  const api = await startPaymentsApi({ accepts: auth.accepts, latencyMs: 50 })
  const { tokenEndpoint, clientId, clientSecret } = auth
  const env = { API_URL: api.url, TOKEN_ENDPOINT: tokenEndpoint, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ...environment }
  const scripts = Array.from({ length: processes }, () => startScript('examples/ssr.ts', [], env))
  onTestFinished(async () => {
    for (const { child } of scripts) child.kill('SIGTERM')
    const runs = await Promise.all(scripts.map(({ ended }) => ended))
    await Promise.all([auth.close(), api.close()])
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  })
  for (const { printed } of scripts) await expect.poll(() => printed.stdout, { timeout: 20_000 }).toContain('listening on')
  const urls = scripts.map(({ printed }) => String(/http:\S+/.exec(printed.stdout)?.[0]))
  return { auth, api, url: (i: number) => String(urls[i % processes]) }
}

async function signIn(url: string, tokens: object): Promise<string> {
  const { status, headers } = await fetch(`${url}/sign-in`, { method: 'POST', body: JSON.stringify(tokens) })
  expect(status).toBe(204)
  const [cookie = '', ...rest] = String(headers.get('set-cookie')).split('; ')
  expect(rest).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Lax']))
  // The id, and nothing of the pair.
  expect(cookie).toMatch(/^session=[\w-]{36}$/)
  return cookie
}

const get = (url: string, cookie = '') => fetch(url, { headers: { cookie }, redirect: 'manual' })

describe.skipIf(noRedis)('ssr.ts in three processes over one Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())

  test('20 requests with one cookie and an expired token: one token request, and 20 pages', async () => {
    const { auth, url } = await startScene(3, { REDIS_URL: redis.url })
    const tokens = await auth.authorize('maria')
    const cookie = await signIn(url(0), tokens)
    // Every process knows the token before it expires.
    for (const i of [0, 1, 2]) expect((await get(url(i), cookie)).status).toBe(200)
    await auth.expire(tokens.access_token)
    const pages = await Promise.all(Array.from({ length: 20 }, (_, i) => get(url(i), cookie)))
    expect(pages.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    for (const page of pages) expect(await page.text()).toBe('<p>Your payment is approved</p>')
    expect(auth.counters).toEqual({ tokenRequests: 1, refreshes: 1, reused: 0, grantsRevoked: 0 })
  }, 60_000)

  test('who signs out at one process is signed out at all, and nobody else', async () => {
    const { auth, url } = await startScene(3, { REDIS_URL: redis.url })
    const maria = await signIn(url(0), await auth.authorize('maria'))
    const jose = await signIn(url(1), await auth.authorize('jose'))
    for (const i of [0, 1, 2]) expect((await get(url(i), maria)).status).toBe(200)
    expect((await fetch(`${url(1)}/sign-out`, { method: 'POST', headers: { cookie: maria } })).status).toBe(204)
    for (const i of [0, 1, 2]) {
      await expect.poll(async () => (await get(url(i), maria)).status).toBe(302)
      expect((await get(url(i), jose)).status).toBe(200)
    }
  }, 60_000)
})

test('ssr.ts in one process needs no Redis, and sends those who are not signed in to the sign-in', async () => {
  const { auth, url } = await startScene(1)
  const tokens = await auth.authorize('maria')
  const cookie = await signIn(url(0), tokens)
  await auth.expire(tokens.access_token)
  expect((await get(url(0), cookie)).status).toBe(200)
  for (const other of ['', 'session=00000000-0000-0000-0000-000000000000', 'session=x']) {
    const { status, headers } = await get(url(0), other)
    expect([status, headers.get('location')]).toEqual([302, '/sign-in'])
  }
}, 60_000)
