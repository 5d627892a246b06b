/** A hundred requests that are refused at once, by axios and by fetch: one token request, the pair saved first, all replayed. */
import assert from 'node:assert/strict'
import axios from 'axios'
import { attach, createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import checks from './checks.cjs'
import { startServer } from './token-server.mjs'

const REQUESTS = 100

/** A server, and a session that has a pair of it; what is saved is written down in the server's log. */
async function signedIn() {
  const server = await startServer()
  const saved = []
  const session = createSession({
    ...oauth2({ tokenEndpoint: `${server.url}/token`, clientId: 'app' }),
    load: () => null,
    save: async (tokens) => {
      // A disk takes its time: who does not wait for it is served before the pair is saved.
      await new Promise((resolve) => setTimeout(resolve, 20))
      saved.push(tokens)
      server.log.push('saved')
    },
  })
  await session.signIn(server.pair())
  return { server, session, saved }
}

function clientOf(kind, { session, server }) {
  if (kind === 'fetch') {
    const api = authFetch(session, { origins: [server.url] })
    return async (path, body) => {
      const options = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'text/plain' } }
      const response = await api(server.url + path, options)
      return { status: response.status, data: await response.json() }
    }
  }
  const api = axios.create({ baseURL: server.url, adapter: kind })
  attach(api, session)
  return (path, data) => api.request({ url: path, method: data === undefined ? 'get' : 'post', data })
}

const clientChecks = (kind, name) => ({
  [`${name}: ${REQUESTS} requests refused at once, one token request, all replayed`]: async () => {
    const kit = await signedIn()
    const send = clientOf(kind, kit)
    assert.deepEqual((await send('/me')).data, { ok: true })
    kit.server.expire()
    const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, index) => send(`/orders/${index}`)))
    await kit.server.close()
    assert.equal(answers.filter(({ status }) => status === 200).length, REQUESTS)
    assert.equal(kit.server.counts.tokenRequests, 1)
    assert.equal(kit.server.counts.refused, REQUESTS)
  },

  [`${name}: the rotated pair is saved before a request is served with it`]: async () => {
    const kit = await signedIn()
    const send = clientOf(kind, kit)
    await send('/me')
    kit.server.expire()
    await send('/me')
    await kit.server.close()
    const { log } = kit.server
    assert.deepEqual(log.slice(log.indexOf('token request')), ['token request', 'saved', 'served'])
    assert.equal(kit.saved.at(-1).refreshToken, kit.server.pair().refresh_token)
  },

  [`${name}: a refused body is sent again as it was`]: async () => {
    const kit = await signedIn()
    const send = clientOf(kind, kit)
    kit.server.expire()
    const { status } = await send('/orders', 'ten of those')
    await kit.server.close()
    assert.equal(status, 200)
    assert.deepEqual(kit.server.bodies, ['ten of those', 'ten of those'])
  },

  [`${name}: a refused refresh token ends the session, and is sent once`]: async () => {
    const kit = await signedIn()
    const send = clientOf(kind, kit)
    kit.server.revoke()
    const codes = await Promise.all(Array.from({ length: 10 }, () => send('/me').catch(({ code }) => code)))
    await kit.server.close()
    assert.deepEqual(new Set(codes), new Set(['ERR_SESSION_ENDED']))
    assert.equal(kit.server.counts.tokenRequests, 1)
  },
})

await checks.runChecks({
  ...clientChecks('http', 'axios'),
  ...clientChecks('fetch', 'fetch'),
  'axios with its fetch adapter: ten requests refused at once, one token request': async () => {
    const kit = await signedIn()
    const api = axios.create({ baseURL: kit.server.url, adapter: 'fetch' })
    attach(api, kit.session)
    kit.server.expire()
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.get('/me')))
    await kit.server.close()
    assert.equal(answers.filter(({ status }) => status === 200).length, 10)
    assert.equal(kit.server.counts.tokenRequests, 1)
  },
})
