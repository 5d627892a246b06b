import { createSession, memoryStore, type SessionOptions, type TokenInput, type TokenStore } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { expect, test } from 'vitest'
import { rejection } from '../../support/session-kit.ts'

/*
 * `tokens: {}` over a store: the refresh token is a cookie, of which the page knows nothing. There is no token to write; but whose sign-in it
 * is must be written, or each session would take the first record of another one for a sign-in elsewhere.
 */

/** Sessions over one store, of which each knows nothing but a cookie. */
function setScene({ store = memoryStore() as TokenStore, ...options }: Partial<SessionOptions> = {}) {
  const clock = fakeClock()
  const scene = {
    clock,
    store,
    refreshes: 0,
    cookie: true,
    start: (tokens: TokenInput = {}) => {
      const session = createSession({ refresh: scene.refresh, tokens, store, clock, ...options })
      session.on('save-failed', () => scene.saveFailures++)
      return session
    },
    saveFailures: 0,
    async refresh() {
      await new Promise<void>((done) => void clock.setTimeout(done, 50))
      return scene.cookie ? { access_token: `access-${++scene.refreshes}`, expires_in: 3600 } : null
    },
  }
  return scene
}

const down = async () => {
  throw new Error('connection refused')
}
const brokenStore = (): TokenStore => ({ read: down, write: down, lock: down })

test.each<[string, TokenInput]>([
  ['nothing, as with a cookie', {}],
  ['a refresh token', { refresh_token: 'known to all' }],
])('many that start at once over an empty store, each with %s, refresh once', async (_what, tokens) => {
  const scene = setScene()
  const got = Promise.all(Array.from({ length: 5 }, () => scene.start(tokens).getTokens()))
  await scene.clock.advance(1000)
  expect((await got).map(({ accessToken }) => accessToken)).toEqual(Array(5).fill('access-1'))
  expect(scene.refreshes).toBe(1)
})

test('while the store is down, proceed refreshes, and does not try again and again to write nothing', async () => {
  const scene = setScene({ store: brokenStore(), onStoreFailure: 'proceed', refresh: async () => Promise.reject(new Error('unreachable')) })
  expect(await rejection(scene.start().getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  await scene.clock.advance(60_000)
  expect(scene.saveFailures).toBe(0)
})

test.each(['serve', 'reject'] as const)(
  'while the store is down, reject sends nothing and says why (onSaveFailure %s)',
  async (onSaveFailure) => {
    const scene = setScene({ store: brokenStore(), onSaveFailure })
    expect(await rejection(scene.start().getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect([scene.refreshes, scene.saveFailures]).toEqual([0, 0])
  },
)

test('when only writes fail, nothing is sent', async () => {
  const scene = setScene({ store: { ...memoryStore(), write: down } })
  expect(await rejection(scene.start().getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect([scene.refreshes, scene.saveFailures]).toEqual([0, 0])
})

test('a sign-in with a cookie counts over the sign-out that is stored, in other tabs as well', async () => {
  const scene = setScene()
  scene.cookie = false
  const visitor = scene.start()
  const nobody = rejection(visitor.getTokens())
  await scene.clock.advance(100)
  expect(await nobody).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  scene.cookie = true
  const page = scene.start()
  expect(await rejection(page.getTokens())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  await page.signIn({})
  const got = Promise.all([page.getTokens(), scene.start().getTokens()])
  await scene.clock.advance(1000)
  expect((await got).map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-1'])
  expect((await visitor.getTokens()).accessToken).toBe('access-1')
})
