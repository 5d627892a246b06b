// A single-page app with a back end of its own that speaks camelCase: `refresh` is written by hand.
// Run it with `npx tsx examples/own-back-end.ts`; it needs no network.
import assert from 'node:assert/strict'
import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { startShopBackEnd } from './servers/shop-back-end.ts'

const backEnd = await startShopBackEnd()

/** Stands for localStorage, so that the example runs in Node. Good for one tab: localStorage is no lock between tabs. */
const storage = new Map<string, string>()
/** Stands for the router of the app. */
let page = '/'

// Sign-in and refresh go through a client without a session: one that waits for tokens cannot fetch them.
const bare = axios.create({ baseURL: backEnd.url })

const session = createSession({
  // The back end answers { accessToken, refreshToken, expiresIn }: that is understood as it is.
  refresh: async ({ refreshToken }) => (await bare.post('/auth/refresh', { refreshToken })).data,
  load: () => JSON.parse(storage.get('tokens') ?? 'null'),
  save: (tokens) => (tokens ? storage.set('tokens', JSON.stringify(tokens)) : storage.delete('tokens')),
})
session.on('signed-in', () => {
  page = '/'
})
session.on('ended', () => {
  page = '/login'
})
session.on('signed-out', () => {
  page = '/login'
})

const api = axios.create({ baseURL: backEnd.url })
attach(api, session)

async function signIn(user: string): Promise<string> {
  const { data } = await bare.post('/auth/sign-in', { user })
  await session.signIn(data)
  return data.accessToken
}

try {
  let accessToken = await signIn('maria')
  console.log(`signed in as ${(await api.get('/me')).data.name}, page ${page}`)

  await backEnd.auth.expire(accessToken)
  const answers = await Promise.all([api.get('/me'), api.get('/me'), api.get('/me')])
  console.log(`token expired: ${answers.length} requests went through after ${backEnd.auth.counters.tokenRequests} refresh`)
  assert.equal(backEnd.auth.counters.tokenRequests, 1)

  await session.signOut()
  console.log(`signed out, page ${page}, tokens stored: ${storage.size}`)
  assert.deepEqual([page, storage.size], ['/login', 0])

  accessToken = await signIn('maria')
  console.log(`signed in again, page ${page}`)
  assert.equal(page, '/')

  // Somebody else has used the refresh token: the server revokes the grant, and refuses ours.
  const { refreshToken } = JSON.parse(storage.get('tokens') ?? '{}')
  await bare.post('/auth/refresh', { refreshToken })
  await backEnd.auth.expire(accessToken)
  const error = await api.get('/me').catch((error) => error)
  console.log(`the back end refused the refresh token: ${error.code}, page ${page}`)
  assert.equal(error.code, 'ERR_SESSION_ENDED')
  assert.equal(page, '/login')
} finally {
  await backEnd.close()
}
