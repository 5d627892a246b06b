import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { startBackEnd } from './support/back-end.ts'
import { describeMigration, describeSteps } from './support/describe-migration.ts'
import { Guide } from './support/guide.ts'
import { burst, oneByOne, refreshAtOnce, refusedIn } from './support/scene.ts'

const GUIDE = 'hand-written'
const SIGN_IN = 'api.ts, sign-in of all three'
const FLAG = ['api.ts, a flag', SIGN_IN]
const QUEUE = ['api.ts, a queue', SIGN_IN]
const PROMISE = ['api.ts, a shared promise', SIGN_IN]

describe.each([[FLAG], [QUEUE], [PROMISE]])('%s', (before) => {
  describeMigration(GUIDE, before)
})
describeSteps(GUIDE)

describe('what the guide says of the three', () => {
  test('a flag: 20 requests whose 401s come together revoke the grant', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, FLAG)
    backEnd.refusals.gather(20)
    backEnd.refreshes.gather(20)
    expect(await burst(page.api, 20)).toBe(0)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 20, reused: 19, grantsRevoked: 1 })
  })

  test.each([[QUEUE], [PROMISE]])('%s: 20 requests whose 401s come together are one token request', async (titles) => {
    const { backEnd, page } = await refusedIn(GUIDE, titles)
    backEnd.refusals.gather(20)
    expect(await burst(page.api, 20)).toBe(20)
    expect(backEnd.auth.counters.tokenRequests).toBe(1)
  })

  describe.each([[FLAG], [QUEUE], [PROMISE]])('%s', (titles) => {
    test('ten 401s that come one after another are ten token requests', async () => {
      const scene = await refusedIn(GUIDE, titles)
      await oneByOne(scene, scene.page.api, 10)
      expect(scene.backEnd.auth.counters.tokenRequests).toBe(10)
    })

    test('two copies at the same moment revoke the grant', async () => {
      const scene = await refusedIn(GUIDE, titles)
      await refreshAtOnce(scene, scene.page, await scene.open(titles))
      expect(scene.backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
    })

    test('who signs out during a refresh is signed in again', async () => {
      const { backEnd, open, page } = await refusedIn(GUIDE, titles)
      const arrived = backEnd.refreshes.hold()
      const request = page.api.get('/me')
      await arrived
      await page.signOut()
      backEnd.refreshes.open()
      await request
      expect((await (await open(titles)).api.get('/me')).status).toBe(200)
    })

    test('transformRequest runs again for the second send', async () => {
      const { page } = await refusedIn(GUIDE, titles)
      let runs = 0
      const transformRequest = (data: unknown) => {
        runs++
        return data
      }
      expect((await page.api.post('/orders', 'a lamp', { transformRequest })).status).toBe(200)
      expect(runs).toBe(2)
    })

    test('another host gets the token', async () => {
      const { page } = await refusedIn(GUIDE, titles)
      const elsewhere = await startBackEnd()
      await page.api.get(`${elsewhere.url}/me`).catch(() => {})
      expect(elsewhere.authorizations).toEqual([expect.stringMatching(/^Bearer /), expect.stringMatching(/^Bearer /)])
    })

    test('an outage of the token endpoint goes to the sign-in', async () => {
      const { backEnd, page, browser } = await refusedIn(GUIDE, titles)
      backEnd.auth.fail({ status: 503 })
      backEnd.refusal = 503
      await expect(page.api.get('/me')).rejects.toBeInstanceOf(Error)
      expect(browser.visited).toEqual(['/login'])
    })
  })

  test('a queue whose token request goes through the same instance waits for itself when that is refused', async () => {
    const { backEnd, browser } = await refusedIn(GUIDE, QUEUE)
    const throughApi = new Guide(GUIDE, (text) => text.replaceAll(/axios\.post\([^,]*\/auth\/refresh`/g, "api.post('/auth/refresh'"))
    expect(throughApi.block(QUEUE[0] ?? '')).toContain("api.post('/auth/refresh'")
    const page = await browser.open(throughApi, QUEUE)
    backEnd.auth.revoke()
    let settled = false
    const settle = () => {
      settled = true
    }
    page.api.get('/me').then(settle, settle)
    await expect.poll(() => backEnd.auth.counters.tokenRequests).toBe(1)
    // Whole round trips later, and by then everything that is on the way has arrived.
    for (let i = 0; i < 5; i++) await axios.get(`${backEnd.url}/me`, { validateStatus: () => true })
    expect(settled).toBe(false)
  })
})
