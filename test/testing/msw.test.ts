import axios from 'axios'
import { attach, createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { fakeAuthServer } from 'axios-renew/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'

const server = setupServer()
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

/** An app with its authorization server and its API, both played by msw. */
async function scene(url?: string) {
  const auth = fakeAuthServer({ url })
  server.use(...auth.handlers(http))
  server.use(http.get('https://api.example.com/orders', ({ request }) => auth.challenge(request) ?? HttpResponse.json({ orders: 3 })))
  const { tokenEndpoint, revocationEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, revocationEndpoint, clientId, clientSecret }))
  await session.signIn(auth.signIn())
  const api = axios.create({ baseURL: 'https://api.example.com' })
  attach(api, session)
  return { auth, session, api }
}

test.each([undefined, 'https://auth.example.com/oauth/v2'])('its handlers are all that msw needs (at %s)', async (url) => {
  const { auth, session, api } = await scene(url)
  auth.expire()
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.get('/orders')))
  expect(answers.map(({ data }) => data.orders)).toEqual(Array(50).fill(3))
  expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })

  const userinfo = await authFetch(session, { origins: ['https://auth.example', 'https://auth.example.com'] })(auth.userinfoEndpoint)
  expect(await userinfo.json()).toEqual({ sub: 'user' })
  await session.signOut()
  expect(auth.counters.revocations).toBe(1)
})

test('a lost answer is an error of the network there, too', async () => {
  const { auth, session } = await scene()
  auth.fail('lost-answer')
  expect((await rejection(session.refresh())).code).toMatch(/^ERR_REFRESH/)
  expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1 })
})

test('a status is answered as it is', async () => {
  const { auth, session } = await scene()
  auth.fail({ status: 400, body: { error: 'invalid_grant' } })
  expect((await rejection(session.refresh())).code).toBe('ERR_SESSION_ENDED')
})
