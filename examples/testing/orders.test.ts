// How to test an app that uses axios-renew: a fake authorization server, a fake clock, and msw for the API.
// Run it with `npx vitest run --project examples examples/testing`; it needs no network.
import type { TokenSet } from 'axios-renew'
import { fakeAuthServer, fakeClock } from 'axios-renew/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createOrders } from './orders.ts'

const msw = setupServer()
beforeAll(() => msw.listen({ onUnhandledRequest: 'error' }))
afterEach(() => msw.resetHandlers())
afterAll(() => msw.close())

const DAY = 24 * 3600_000

/** The app of somebody who has signed in, with everything around it. */
async function signedIn() {
  const clock = fakeClock()
  const auth = fakeAuthServer({ clock, expiresIn: 3600 })
  const disk: { tokens: TokenSet | null } = { tokens: null }
  msw.use(
    ...auth.handlers(http),
    http.get('https://api.example.com/orders', ({ request }) => auth.challenge(request) ?? HttpResponse.json(['a lamp'])),
  )
  const app = createOrders({
    tokenEndpoint: auth.tokenEndpoint,
    clientId: auth.clientId,
    clientSecret: auth.clientSecret,
    baseURL: 'https://api.example.com',
    clock,
    load: () => disk.tokens,
    save: (tokens) => {
      disk.tokens = tokens
    },
  })
  await app.session.signIn(auth.signIn('maria'))
  return { app, auth, clock, disk }
}

test('a token that has expired is no trouble, however many requests find out at once', async () => {
  const { app, auth } = await signedIn()
  auth.expire()
  const lists = await Promise.all(Array.from({ length: 20 }, () => app.list()))
  expect(lists).toEqual(Array(20).fill(['a lamp']))
  expect(auth.counters.tokenRequests).toBe(1)
})

test('a day later there is a new pair, and it is written down', async () => {
  const { app, auth, clock, disk } = await signedIn()
  await clock.advance(DAY)
  await app.list()
  expect(auth.counters).toMatchObject({ refreshes: 1, reused: 0 })
  expect(disk.tokens).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
})

test('when the grant was taken back, the app asks to sign in again', async () => {
  const { app, auth } = await signedIn()
  auth.revoke()
  await expect(app.list()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  expect(app.page).toBe('/sign-in')
})

test('in an outage of the authorization server nobody is signed out, and it heals by itself', async () => {
  const { app, auth, clock } = await signedIn()
  auth.expire()
  auth.fail({ status: 503, headers: { 'retry-after': '30' } }, Number.POSITIVE_INFINITY)
  await expect(app.list()).rejects.toMatchObject({ code: 'ERR_REFRESH_FAILED', retryAt: clock.now() + 30_000 })
  expect(app.page).toBe('/orders')

  auth.recover()
  await clock.advance(30_000)
  expect(await app.list()).toEqual(['a lamp'])
})
