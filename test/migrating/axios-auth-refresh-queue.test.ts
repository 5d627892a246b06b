import axios from 'axios'
import { type AuthInterceptorConfig, applyAuthTokenInterceptor } from 'axios-auth-refresh-queue'
import { attach, createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { type BackEnd, startBackEnd } from './support/back-end.ts'
import { describeMigration, describeSteps, STEP_1 } from './support/describe-migration.ts'
import { burst, oneByOne, refusedIn, startScene } from './support/scene.ts'

const GUIDE = 'axios-auth-refresh-queue'
const BEFORE = 'api.ts, before'

describeMigration(GUIDE, BEFORE)
describeSteps(GUIDE)

/** An app over a row in memory, with further options. */
function appWith(backEnd: BackEnd, options: Partial<AuthInterceptorConfig>) {
  const stored = { pair: backEnd.signIn() }
  const api = axios.create({ baseURL: backEnd.url })
  applyAuthTokenInterceptor(api, {
    headerTokenHandler: ({ headers }) => void headers.set('Authorization', `Bearer ${stored.pair.accessToken}`),
    getRefreshToken: () => stored.pair.refreshToken,
    requestRefresh: async (refreshToken) => (await axios.post(`${backEnd.url}/auth/refresh`, { refreshToken })).data,
    onSuccess: (pair) => {
      stored.pair = { ...stored.pair, ...pair }
    },
    onFailure: () => {},
    ...options,
  })
  return { api, stored }
}

describe('what the guide says of before', () => {
  test('20 requests whose 401s come together are as good as ours', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, BEFORE)
    backEnd.refusals.gather(20)
    expect(await burst(page.api, 20)).toBe(20)
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  test('ten 401s that come one after another are ten token requests', async () => {
    const scene = await refusedIn(GUIDE, BEFORE)
    await oneByOne(scene, scene.page.api, 10)
    expect(scene.backEnd.auth.counters.tokenRequests).toBe(10)
  })

  test('checkTokenIsValid, by exp: a token that the server refuses before its time is never refreshed', async () => {
    const backEnd = await startBackEnd()
    const { api, stored } = appWith(backEnd, {
      checkTokenIsValid: () => {
        const { exp } = JSON.parse(Buffer.from(String(stored.pair.accessToken.split('.')[1]), 'base64url').toString())
        return exp * 1000 > Date.now() ? stored.pair.accessToken : null
      },
    })
    backEnd.auth.expire()
    expect(await burst(api, 5)).toBe(0)
    expect(backEnd.auth.counters.tokenRequests).toBe(0)
  })

  test('refreshTimeout: an answer that comes later is dropped, and the grant is revoked by the next refresh', async () => {
    const backEnd = await startBackEnd()
    const { api } = appWith(backEnd, { refreshTimeout: 1 })
    backEnd.auth.expire()
    const arrived = backEnd.refreshes.hold()
    const first = burst(api, 1)
    await arrived
    expect(await first).toBe(0)
    backEnd.refreshes.open()
    await burst(api, 1)
    // Whoever gives up after a millisecond does not wait for its own request to arrive, either.
    await expect.poll(() => backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test('an outage of the token endpoint throws away a good pair', async () => {
    const { backEnd, open, page, browser } = await refusedIn(GUIDE, BEFORE)
    backEnd.auth.fail({ status: 503 })
    backEnd.refusal = 503
    await expect(page.api.get('/me')).rejects.toBeInstanceOf(Error)
    expect(browser.visited).toEqual(['/login'])
    await expect((await open(BEFORE)).api.get('/me')).rejects.toBeInstanceOf(Error)
    expect(backEnd.auth.counters.refreshes).toBe(0)
  })
})

describe('what the guide says of afterwards', () => {
  test('a token that the server refuses before its exp is refreshed', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, STEP_1)
    expect(await burst(page.api, 5)).toBe(5)
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  test('refreshTimeoutMs: an answer that comes later is used', async () => {
    const backEnd = await startBackEnd()
    const session = createSession({
      tokens: backEnd.signIn(),
      refresh: async ({ refreshToken }) => (await axios.post(`${backEnd.url}/auth/refresh`, { refreshToken })).data,
      refreshTimeoutMs: 1,
    })
    const api = axios.create({ baseURL: backEnd.url })
    attach(api, session)
    backEnd.auth.expire()
    const refreshed = new Promise((resolve) => session.on('refreshed', resolve))
    const arrived = backEnd.refreshes.hold()
    await expect(api.get('/me')).rejects.toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    await arrived
    backEnd.refreshes.open()
    await refreshed
    expect((await api.get('/me')).status).toBe(200)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })

  test('with a cookie: the first requests of a page wait for one token request', async () => {
    const { backEnd, open } = await startScene(GUIDE)
    backEnd.cookies = true
    await axios.post(`${backEnd.url}/auth/login`)
    const { api, session } = await open('api.ts, with a cookie')
    expect(await burst(api, 20)).toBe(20)
    expect((await session.getTokens()).refreshToken).toBeUndefined()
    backEnd.auth.expire()
    expect(await burst(api, 20)).toBe(20)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 0 })
  })
})
