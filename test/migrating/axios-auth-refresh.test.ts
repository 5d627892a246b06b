import axios, { isAxiosError } from 'axios'
import { attach, SessionEndedError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { describeMigration, describeSteps, STEP_1 } from './support/describe-migration.ts'
import { burst, oneByOne, refreshAtOnce, refusedIn, startScene } from './support/scene.ts'

const GUIDE = 'axios-auth-refresh'
const BEFORE = 'api.ts, before'

describeMigration(GUIDE, BEFORE)
describeSteps(GUIDE)

describe('what the guide says of before', () => {
  test('20 requests whose 401s come together: 19 are rejected', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, BEFORE)
    backEnd.refusals.gather(20)
    expect(await burst(page.api, 20)).toBe(1)
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  test('two copies of it send one refresh token twice, and the grant is revoked', async () => {
    const scene = await refusedIn(GUIDE, BEFORE)
    await refreshAtOnce(scene, scene.page, await scene.open(BEFORE))
    expect(scene.backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test('ten 401s that come one after another are ten token requests', async () => {
    const scene = await refusedIn(GUIDE, BEFORE)
    await oneByOne(scene, scene.page.api, 10)
    expect(scene.backEnd.auth.counters.tokenRequests).toBe(10)
  })

  test('an outage of the token endpoint goes to the sign-in', async () => {
    const { backEnd, page, browser } = await refusedIn(GUIDE, BEFORE)
    backEnd.auth.fail({ status: 503 })
    backEnd.refusal = 503
    await expect(page.api.get('/me')).rejects.toBeInstanceOf(Error)
    expect(browser.visited).toEqual(['/login'])
  })
})

describe('what the guide says of afterwards', () => {
  test('two instances on one session are one token request', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, STEP_1)
    const other = axios.create({ baseURL: backEnd.url })
    attach(other, page.session)
    backEnd.refusals.gather(20)
    expect(await Promise.all([burst(page.api, 10), burst(other, 10)])).toEqual([10, 10])
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })

  test('an interceptor that still sets Authorization keeps the library out, and the event tells', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, STEP_1)
    const told: string[] = []
    page.session.on('withheld', ({ reason }) => told.push(reason))
    const { accessToken } = await page.session.getTokens()
    page.api.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${accessToken}`)
      return config
    })
    await expect(page.api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
    expect(told).toEqual(['own-credentials'])
    expect(backEnd.auth.counters.tokenRequests).toBe(0)
  })

  test('a header in the defaults of the instance is overwritten, and sent again after a sign-out', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, STEP_1)
    page.api.defaults.headers.common.Authorization = 'Bearer of-long-ago'
    expect((await page.api.get('/me')).status).toBe(200)
    expect(backEnd.authorizations).not.toContain('Bearer of-long-ago')
    await page.signOut()
    await expect(page.api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
    expect(backEnd.authorizations.at(-1)).toBe('Bearer of-long-ago')
  })

  test('the end of the session has the 401, and is no AxiosError', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, STEP_1)
    backEnd.auth.revoke()
    const error = await page.api.get('/me').catch((error) => error)
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.response.status).toBe(401)
    expect(isAxiosError(error)).toBe(false)
  })

  test.each([
    [BEFORE, 2],
    [STEP_1, 1],
  ])('%s: interceptors run %i x for a request that is sent again', async (title, times) => {
    const { backEnd, page } = await refusedIn(GUIDE, title)
    let runs = 0
    page.api.interceptors.request.use((config) => {
      runs++
      return config
    })
    await page.api.get('/me')
    expect([runs, backEnd.answers.unauthorized, backEnd.answers.ok]).toEqual([times, 1, 1])
  })

  test.each([401, 403])('options.ts: a %i that says token_expired refreshes, with a header of its own', async (challenge) => {
    const { backEnd, open } = await startScene(GUIDE)
    const { api, session } = await open('options.ts')
    await session.signIn(backEnd.signIn())
    backEnd.auth.expire()
    backEnd.challenge = challenge
    expect((await api.get('/me')).status).toBe(200)
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  test('options.ts: another 403 does not, and a request that skips goes without a token', async () => {
    const { backEnd, open } = await startScene(GUIDE)
    const page = (await open('options.ts')) as Awaited<ReturnType<typeof open>> & { health(): Promise<unknown> }
    await page.session.signIn(backEnd.signIn())
    await expect(page.health()).rejects.toMatchObject({ response: { status: 401 } })
    backEnd.auth.expire()
    backEnd.code = 'not_yours'
    backEnd.challenge = 403
    await expect(page.api.get('/me')).rejects.toMatchObject({ response: { status: 403 } })
    expect(backEnd.auth.counters.tokenRequests).toBe(0)
  })
})
