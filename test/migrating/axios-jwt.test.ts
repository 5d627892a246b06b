import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { startBackEnd } from './support/back-end.ts'
import { describeMigration, describeSteps, expectBroughtBack, STEP_1 } from './support/describe-migration.ts'
import { burst, lapse, refreshAtOnce, refusedIn, type Scene, startScene } from './support/scene.ts'

const GUIDE = 'axios-jwt'
const BEFORE = 'api.ts, before'

describeMigration(GUIDE, BEFORE)
describeSteps(GUIDE)

/** A page of before, signed in with an access token of one's own. */
async function signedInWith(accessToken: string): Promise<Scene & { page: Awaited<ReturnType<Scene['open']>> }> {
  const scene = await startScene(GUIDE)
  const { refreshToken } = scene.backEnd.signIn()
  scene.browser.items.set('auth-tokens-test', JSON.stringify({ accessToken, refreshToken }))
  return { ...scene, page: await scene.open(BEFORE) }
}

describe('what the guide says of before', () => {
  test('a token that is refused before its exp stays in use', async () => {
    const { backEnd, page } = await refusedIn(GUIDE, BEFORE)
    expect(await burst(page.api, 20)).toBe(0)
    expect(backEnd.auth.counters.tokenRequests).toBe(0)
  })

  test('a JWT without exp is refreshed at every request', async () => {
    const withoutExp = `e30.${Buffer.from('{}').toString('base64url')}.none`
    const { backEnd, browser, page } = await signedInWith(withoutExp)
    for (let i = 1; i <= 3; i++) {
      await page.api.get('/me').catch(() => {})
      expect(backEnd.auth.counters.tokenRequests).toBe(i)
      const stored = JSON.parse(String(browser.items.get('auth-tokens-test')))
      browser.items.set('auth-tokens-test', JSON.stringify({ ...stored, accessToken: withoutExp }))
    }
  })

  test('an opaque token makes every request fail', async () => {
    const { backEnd, page } = await signedInWith('opaque')
    expect(await burst(page.api, 3)).toBe(0)
    expect(backEnd.answers).toEqual({ ok: 0, unauthorized: 0 })
  })

  test('two tabs send one refresh token twice, and the grant is revoked', async () => {
    const scene = await startScene(GUIDE)
    const { backEnd, open } = scene
    const [one, other] = [await open(BEFORE), await open(BEFORE)]
    await one.signIn('maria', 'secret')
    lapse(scene)
    await refreshAtOnce(scene, one, other)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test.each([
    [BEFORE, true],
    [STEP_1, false],
  ])('%s: another host gets the token: %s', async (title, gets) => {
    const { open } = await startScene(GUIDE)
    const page = await open(title)
    await page.signIn('maria', 'secret')
    const elsewhere = await startBackEnd()
    await page.api.get(`${elsewhere.url}/me`).catch(() => {})
    expect(elsewhere.authorizations.map(Boolean)).toEqual([gets])
  })
})

describe('what the guide says of afterwards', () => {
  const own = { AsyncStorage: {} as object }

  test('login.ts: who is signed in, before and after', async () => {
    const { backEnd, open } = await startScene(GUIDE)
    const page = await open(STEP_1)
    const { isLoggedIn, getAccessToken } = await loginOf(page.session)
    expect([await isLoggedIn(), await getAccessToken()]).toEqual([false, undefined])
    await page.signIn('maria', 'secret')
    const reloaded = await open(STEP_1)
    const login = await loginOf(reloaded.session)
    expect(await login.isLoggedIn()).toBe(true)
    backEnd.auth.expire()
    await reloaded.api.get('/me')
    expect(backEnd.auth.accepts(backEnd.nameOf(String(await login.getAccessToken())))).toBe(true)
    backEnd.auth.revoke()
    await reloaded.api.get('/me').catch(() => {})
    expect(await login.isLoggedIn()).toBe(false)
  })

  test('login.ts: an outage is not taken for a sign-out', async () => {
    const scene = await startScene(GUIDE)
    const { backEnd, open } = scene
    await (await open(STEP_1)).signIn('maria', 'secret')
    lapse(scene)
    backEnd.auth.fail({ status: 503 })
    backEnd.refusal = 503
    const { isLoggedIn, getAccessToken } = await loginOf((await open(STEP_1)).session)
    expect(await isLoggedIn()).toBe(true)
    await expect(getAccessToken()).rejects.toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })

  async function loginOf(session: object) {
    const { open } = await startScene(GUIDE, { session })
    return (await open('login.ts')) as unknown as { isLoggedIn(): Promise<boolean>; getAccessToken(): Promise<string | undefined> }
  }

  test('React Native: what is stored is taken up, and saved under the same key', async () => {
    const items = new Map<string, string>()
    own.AsyncStorage = {
      getItem: async (key: string) => items.get(key) ?? null,
      setItem: async (key: string, value: string) => void items.set(key, value),
      removeItem: async (key: string) => void items.delete(key),
    }
    const { backEnd, open } = await startScene(GUIDE, own)
    items.set('auth-tokens-test', JSON.stringify(backEnd.signIn()))
    backEnd.auth.expire()
    const { api, session } = await open('api.ts, React Native')
    expect(await burst(api, 20)).toBe(20)
    expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
    const { accessToken, refreshToken } = await session.getTokens()
    expect(JSON.parse(String(items.get('auth-tokens-test')))).toMatchObject({ accessToken, refreshToken })
    await session.signOut()
    expect(items.size).toBe(0)
  })

  test.each([BEFORE, STEP_1])('back.ts: from step 2 to %s', async (title) => {
    const scene = await startScene(GUIDE, {
      KEY: 'auth-tokens-test',
      refresh: async ({ refreshToken }: { refreshToken: string }) =>
        (await axios.post(`${scene.backEnd.url}/auth/refresh`, { refreshToken })).data,
    })
    await expectBroughtBack(scene, title, () => scene.open('back.ts'))
  })
})
