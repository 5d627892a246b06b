// The refresh token lives in an HttpOnly cookie, so the page holds an access token and nothing else.
// A page cannot see it: after a sign-in say `signIn({})`, as at the end of this file.
// Several tabs would send the same cookie at once: docs/security.md#several-tabs-one-cookie has the cure.
// Run it with `npx tsx examples/http-only-cookie.ts`; it needs no network.
import assert from 'node:assert/strict'
import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { startShopBackEnd } from './servers/shop-back-end.ts'

const backEnd = await startShopBackEnd({ refreshTokenIn: 'cookie' })

// A browser keeps cookies by itself; there, `axios.create({ baseURL, withCredentials: true })` replaces these lines.
let cookie = ''
const bare = axios.create({ baseURL: backEnd.url })
bare.interceptors.request.use((config) => {
  if (cookie) config.headers.set('Cookie', cookie)
  return config
})
bare.interceptors.response.use((response) => {
  const [set] = response.headers['set-cookie'] ?? []
  if (set) cookie = set.includes('Max-Age=0') ? '' : set.split(';', 1).join()
  return response
})

/** What runs when a page is opened. */
function openPage() {
  const session = createSession({
    // A page that was just opened holds no token: its first request waits for one.
    tokens: {},
    // The cookie goes along by itself. 204 means that there is none: nobody is signed in.
    refresh: async () => {
      const { status, data } = await bare.post('/auth/refresh')
      return status === 204 ? null : data
    },
  })
  const api = axios.create({ baseURL: backEnd.url })
  attach(api, session)
  return { session, api }
}

try {
  await bare.post('/auth/sign-in', { user: 'maria' })
  console.log('signed in; the page is opened anew')

  const { session, api } = openPage()
  const answers = await Promise.all([api.get('/me'), api.get('/me'), api.get('/me')])
  console.log(`${answers.length} requests of the new page: hello ${answers[0]?.data.name}, ${backEnd.auth.counters.tokenRequests} refresh`)
  assert.equal(backEnd.auth.counters.tokenRequests, 1)
  const tokens = await session.getTokens()
  assert.equal(tokens.refreshToken, undefined, 'the page never sees a refresh token')

  await backEnd.auth.expire(tokens.accessToken)
  assert.equal((await api.get('/me')).status, 200)
  console.log(`token expired: one more refresh (${backEnd.auth.counters.tokenRequests}), with the cookie that came with the first`)
  assert.deepEqual([backEnd.auth.counters.tokenRequests, backEnd.auth.counters.reused], [2, 0])

  // Another tab signs out. This one learns it at its next refresh, from the `null`.
  await bare.post('/auth/sign-out')
  await backEnd.auth.expire((await session.getTokens()).accessToken)
  const error = await api.get('/me').catch((error) => error)
  console.log(`cookie gone: ${error.code}, the session is ${session.status}`)
  assert.equal(error.code, 'ERR_SIGNED_OUT')
  assert.equal(session.status, 'signed-out')

  // Signed in again. The page cannot see the cookie, so it has to be told, once; it would not ask by itself.
  await bare.post('/auth/sign-in', { user: 'maria' })
  await session.signIn({})
  assert.equal((await api.get('/me')).status, 200)
  console.log(`cookie there: hello again, the session is ${session.status}`)
} finally {
  await backEnd.close()
}
