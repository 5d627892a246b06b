import { describe, expect, test } from 'vitest'
import { burst, lapse, oneByOne, refreshAtOnce, refusedIn, type Scene, startScene } from './scene.ts'

/** The blocks of a guide with which an app ends up. */
export const STEP_1 = 'api.ts, step 1'
export const STEP_2 = 'api.ts, step 2'
const STEPS = [STEP_1, STEP_2]

/** What is true of the new code of every guide. */
export function describeSteps(name: string): void {
  describe.each(STEPS)(`${name}: %s`, (title) => {
    test('20 requests whose 401s come together are 20 x 200 and one token request', async () => {
      const { page, backEnd } = await refusedIn(name, title)
      backEnd.refusals.gather(20)
      expect(await burst(page.api, 20)).toBe(20)
      expect(backEnd.answers).toEqual({ ok: 20, unauthorized: 20 })
      expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
    })

    test('ten 401s that come one after another are one token request', async () => {
      const scene = await refusedIn(name, title)
      await oneByOne(scene, scene.page.api, 10)
      expect(scene.backEnd.answers).toEqual({ ok: 10, unauthorized: 10 })
      expect(scene.backEnd.auth.counters.tokenRequests).toBe(1)
    })

    test('an outage of the token endpoint signs nobody out', async () => {
      const { page, backEnd, browser } = await refusedIn(name, title)
      backEnd.auth.fail({ status: 503 })
      backEnd.refusal = 503
      const error = await page.api.get('/me').catch((error) => error)
      expect([error.code, error.response]).toEqual(['ERR_REFRESH_FAILED', undefined])
      expect([page.session.status, browser.visited]).toEqual(['active', []])
    })

    test('the end of the session goes to the sign-in', async () => {
      const { page, backEnd, browser } = await refusedIn(name, title)
      backEnd.auth.revoke()
      await expect(page.api.get('/me')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED', response: { status: 401 } })
      expect(browser.visited).toEqual(['/login'])
    })

    test('the sign-in page hears of the end, too, stays where it is, and is good for a sign-in', async () => {
      const { page, backEnd, browser, open } = await refusedIn(name, title)
      backEnd.auth.revoke()
      await page.api.get('/me').catch(() => {})
      browser.path = '/login'
      const signInPage = await open(title)
      await expect(signInPage.api.get('/me')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
      expect([signInPage.session.status, browser.visited]).toEqual(['ended', ['/login']])
      await signInPage.signIn('maria', 'secret')
      expect((await (await open(title)).api.get('/me')).status).toBe(200)
    })

    test('signing out is for all tabs, and for the next page', async () => {
      const { backEnd, open, page } = await refusedIn(name, title)
      await (await open(title)).signOut()
      await expect(page.api.get('/me')).rejects.toBeInstanceOf(Error)
      await expect((await open(title)).api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
      expect(backEnd.auth.counters.tokenRequests).toBe(0)
    })

    test('who signs out during a refresh stays signed out', async () => {
      const { backEnd, open, page } = await refusedIn(name, title)
      const arrived = backEnd.refreshes.hold()
      const request = page.api.get('/me').catch((error) => error.code)
      await arrived
      await page.signOut()
      backEnd.refreshes.open()
      expect(await request).toBe('ERR_SIGNED_OUT')
      await expect((await open(title)).api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
    })
  })

  test(`${name}: two tabs of step 1 can still send one refresh token twice, at the same moment`, async () => {
    const scene = await refusedIn(name, STEP_1)
    await refreshAtOnce(scene, scene.page, await scene.open(STEP_1))
    expect(scene.backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test(`${name}: two tabs of step 2 cannot`, async () => {
    const { backEnd, open, page } = await refusedIn(name, STEP_2)
    const other = await open(STEP_2)
    backEnd.refusals.gather(20)
    expect(await Promise.all([burst(page.api, 10), burst(other.api, 10)])).toEqual([10, 10])
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })
}

/** From step 2 back to other blocks: the pair is there, works, and is refreshed once. @param openBack opens a tab with back.ts. */
export async function expectBroughtBack(scene: Scene, titles: string | string[], openBack: () => Promise<object>): Promise<void> {
  const former = await scene.open(STEP_2)
  await former.signIn('maria', 'secret')
  const { bringBack } = (await openBack()) as { bringBack(): Promise<void> }
  await Promise.all([bringBack(), bringBack()])
  const page = await scene.open(titles)
  await bringBack()
  lapse(scene)
  expect((await page.api.get('/me')).status).toBe(200)
  await expect(former.api.get('/me')).rejects.toBeInstanceOf(Error)
  expect(scene.backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
}

/** What is true of every way from old code to new. @param before the blocks of the app as it was. */
export function describeMigration(name: string, before: string | string[]): void {
  const start = () => startScene(name)

  /** Somebody has signed in with one version of the app, and two hours have passed. */
  async function lapsedIn(titles: string | string[]): Promise<Scene & { page: Awaited<ReturnType<Scene['open']>> }> {
    const scene = await start()
    const page = await scene.open(titles)
    await page.signIn('maria', 'secret')
    lapse(scene)
    return { ...scene, page }
  }

  describe(`${name}, from ${[before].flat()[0]}`, () => {
    test.each([[before], [STEP_1], [STEP_2]])('%s: a request with an expired token succeeds after one token request', async (titles) => {
      const { page, backEnd } = await lapsedIn(titles)
      expect((await page.api.get('/me')).status).toBe(200)
      expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
    })

    describe.each([
      [before, STEP_1],
      [before, STEP_2],
      [STEP_1, STEP_2],
      [STEP_1, before],
    ])('from %s to %s', (from, to) => {
      test('while the token is good: signed in, no token request', async () => {
        const { backEnd, open } = await start()
        await (await open(from)).signIn('maria', 'secret')
        expect(await burst((await open(to)).api, 5)).toBe(5)
        expect(backEnd.answers).toEqual({ ok: 5, unauthorized: 0 })
        expect(backEnd.auth.counters.tokenRequests).toBe(0)
      })

      test('with an expired token: signed in, after one token request', async () => {
        const { backEnd, open } = await lapsedIn(from)
        const page = await open(to)
        expect((await page.api.get('/me')).status).toBe(200)
        expect((await page.api.get('/me')).status).toBe(200)
        expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
      })

      test('who was not signed in is not, and nothing is spent', async () => {
        const { backEnd, open } = await start()
        await expect((await open(to)).api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
        expect(backEnd.auth.counters.refreshes).toBe(0)
      })
    })

    test('the old code in another tab has refreshed: step 1 takes its pair', async () => {
      const scene = await start()
      const { backEnd, open } = scene
      const old = await open(before)
      await old.signIn('maria', 'secret')
      const young = await open(STEP_1)
      await young.api.get('/me')
      lapse(scene)
      expect((await old.api.get('/me')).status).toBe(200)
      expect((await young.api.get('/me')).status).toBe(200)
      expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
    })

    test('step 1 in another tab has refreshed: the old code works on, also when it refreshes next', async () => {
      const scene = await lapsedIn(before)
      const { backEnd, open, page: old } = scene
      await (await open(STEP_1)).api.get('/me')
      expect((await old.api.get('/me')).status).toBe(200)
      lapse(scene)
      expect((await old.api.get('/me')).status).toBe(200)
      expect(backEnd.auth.counters).toMatchObject({ refreshes: backEnd.auth.counters.tokenRequests, reused: 0 })
    })

    test.each([[before], [STEP_1]])(
      'step 2 has taken over: %s in another tab sends no spent token, and its next page is signed in',
      async (titles) => {
        const scene = await lapsedIn(titles)
        const { backEnd, open, page: old } = scene
        const young = await open(STEP_2)
        await young.api.get('/me')
        expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
        lapse(scene)
        await expect(old.api.get('/me')).rejects.toBeInstanceOf(Error)
        expect((await (await open(STEP_2)).api.get('/me')).status).toBe(200)
        expect((await young.api.get('/me')).status).toBe(200)
        expect(backEnd.auth.counters).toMatchObject({ refreshes: 2, reused: 0, grantsRevoked: 0 })
      },
    )

    test.each([[before], [STEP_1]])(
      'step 2 has signed out: a sign-in in another tab with %s is good there, and the next page asks for one',
      async (titles) => {
        const { browser, open } = await start()
        const old = await open(titles)
        const young = await open(STEP_2)
        await young.signIn('maria', 'secret')
        await young.signOut()
        await old.signIn('maria', 'secret')
        expect((await old.api.get('/me')).status).toBe(200)
        const next = await open(STEP_2)
        await expect(next.api.get('/me')).rejects.toMatchObject({ response: { status: 401 } })
        expect([next.session.status, browser.items.size]).toEqual(['signed-out', 0])
      },
    )

    test('step 2 takes over while the token endpoint is down: what was stored is nowhere else, and works afterwards', async () => {
      const scene = await lapsedIn(before)
      const { backEnd, browser, open } = scene
      backEnd.auth.fail({ status: 503 })
      backEnd.refusal = 503
      await expect((await open(STEP_2)).api.get('/me')).rejects.toMatchObject({ code: 'ERR_REFRESH_FAILED' })
      expect(browser.items.size).toBe(0)
      expect((await (await open(STEP_2)).api.get('/me')).status).toBe(200)
      expect(backEnd.auth.counters).toMatchObject({ refreshes: 1, reused: 0 })
    })

    test('step 1 in another tab hears of the take-over, and goes to the sign-in', async () => {
      const { browser, open } = await lapsedIn(STEP_1)
      await (await open(STEP_2)).api.get('/me')
      expect(browser.visited).toEqual(['/login'])
    })
  })
}
