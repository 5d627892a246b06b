import { describe, expect, test } from 'vitest'
import { findProgram } from '../../scripts/requirements.mjs'
import { burstIn, keysOf, signInOn, startTabs } from './support/chromium.ts'
import { STEP_1, STEP_2 } from './support/describe-migration.ts'

const BEFORE = {
  'axios-auth-refresh': 'api.ts, before',
  'axios-auth-refresh-queue': 'api.ts, before',
  'axios-jwt': 'api.ts, before',
  'hand-written': ['api.ts, a shared promise', 'api.ts, sign-in of all three'],
}

/** In Chromium, with its localStorage, its IndexedDB and its locks. */
describe.skipIf(!findProgram('chromium')).each(Object.entries(BEFORE))('%s, in real tabs', { timeout: 60_000 }, (guide, before) => {
  test('step 1 takes the pair up, and the old tab works on with what it refreshes', async () => {
    const { backEnd, open } = await startTabs()
    const old = await open(guide, before)
    await signInOn(old)
    const keys = await keysOf(old)
    const young = await open(guide, STEP_1)
    expect(await burstIn(young, 1)).toBe(1)
    expect(backEnd.auth.counters.tokenRequests).toBe(0)

    backEnd.auth.expire()
    expect(await burstIn(young, 20)).toBe(20)
    expect(await burstIn(old, 5)).toBe(5)
    expect(await keysOf(young)).toEqual(keys)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })

  test('two tabs of step 2 take the pair over at once, and no other tab sends the spent one', async () => {
    const { backEnd, open } = await startTabs()
    const old = await open(guide, before)
    await signInOn(old)
    const former = await open(guide, STEP_1)
    expect(await burstIn(former, 1)).toBe(1)

    backEnd.auth.expire()
    const tabs = await Promise.all([open(guide, STEP_2), open(guide, STEP_2)])
    expect(await Promise.all(tabs.map((tab) => burstIn(tab, 10)))).toEqual([10, 10])
    await expect.poll(() => keysOf(old)).toEqual([])
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })

    // The tab of step 1 has gone to the sign-in page, which is of step 2 by now and finds the pair.
    await former.waitForURL('**/login')
    expect(await burstIn(former, 1)).toBe(1)
    backEnd.auth.expire()
    // Some of them leave for the sign-in page in the middle of it.
    expect(await burstIn(old, 1).catch(() => 0)).toBe(0)
    expect(await burstIn(await open(guide, STEP_2), 5)).toBe(5)
    expect(backEnd.auth.counters).toMatchObject({ refreshes: 2, reused: 0, grantsRevoked: 0 })
  })

  test('back.ts brings the pair back from IndexedDB', async () => {
    const { backEnd, open } = await startTabs()
    const former = await open(guide, STEP_2)
    await signInOn(former)
    const bringing = guide === 'axios-jwt' ? "const KEY = 'auth-tokens-production';" : ''
    const back = await open(guide === 'axios-jwt' ? guide : 'README', 'back.ts', `${bringing} const refresh = () => {}`)
    await back.evaluate(() => app.bringBack())
    expect(await burstIn(await open(guide, before), 1)).toBe(1)
    expect(backEnd.auth.counters.tokenRequests).toBe(0)
  })
})

test.skipIf(!findProgram('chromium'))(
  'step 2: who clicks sign out is signed out on the next page, although the listener leaves the page',
  { timeout: 60_000 },
  async () => {
    const { backEnd, open } = await startTabs()
    const page = await open('hand-written', STEP_2)
    const statusOf = () =>
      page.evaluate(() =>
        app.session.getTokens().then(
          () => app.session.status,
          () => app.session.status,
        ),
      )
    const statuses: string[] = []
    for (let i = 0; i < 10; i++) {
      await signInOn(page)
      await page.goto(`${backEnd.url}/page`)
      expect(await statusOf()).toBe('active')
      await page.evaluate(() => void app.signOut())
      await page.waitForURL('**/login')
      statuses.push(await statusOf())
    }
    expect(statuses).toEqual(Array(10).fill('signed-out'))
  },
)
