/** What depends on the runtime: following calls through `await`, streams, aborts, timers that keep nothing alive. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import axios from 'axios'
import { attach, BodyNotReplayableError, createSession, createSessionPool, oauth2 } from 'axios-renew'
import checks from './checks.cjs'
import { startServer } from './token-server.mjs'

async function refusedApi() {
  const server = await startServer()
  const session = createSession(oauth2({ tokenEndpoint: `${server.url}/token`, clientId: 'app' }))
  const api = axios.create({ baseURL: server.url })
  attach(api, session)
  await session.signIn(server.pair())
  server.expire()
  return { server, session, api }
}

const stream = () => Readable.from([Buffer.from('a file')])

await checks.runChecks({
  // Where `#platform` is not the one of Node, this ends at refreshTimeoutMs only.
  'a refresh that uses its own client after an await fails at once': async () => {
    const startedAt = Date.now()
    const api = axios.create({ baseURL: 'http://127.0.0.1:1' })
    const session = createSession({
      tokens: { refreshToken: 'r1' },
      refreshTimeoutMs: 10_000,
      refresh: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return (await api.post('/refresh')).data
      },
    })
    attach(api, session)
    const error = await api.get('/me').catch((error) => error)
    assert.ok([error.code, error.cause?.code].includes('ERR_REENTRANT_REFRESH'), `${error.code}: ${error.message}`)
    assert.ok(Date.now() - startedAt < 2000)
  },

  'a stream that is refused tells of it, and the tokens are refreshed': async () => {
    const { server, api } = await refusedApi()
    const error = await api.post('/files', stream()).catch((error) => error)
    assert.ok(error instanceof BodyNotReplayableError, String(error))
    assert.equal(error.response.status, 401)
    assert.equal((await api.get('/me')).status, 200)
    await server.close()
    assert.equal(server.counts.tokenRequests, 1)
  },

  'a stream with replayBody is made anew': async () => {
    const { server, api } = await refusedApi()
    const { status } = await api.post('/files', stream(), { renew: { replayBody: stream } })
    await server.close()
    assert.equal(status, 200)
    assert.deepEqual(server.bodies, ['a file', 'a file'])
  },

  'an answer that is a stream is let go of, and the replay arrives': async () => {
    const { server, api } = await refusedApi()
    const { data } = await api.get('/files', { responseType: 'stream' })
    let text = ''
    for await (const chunk of data) text += chunk
    await server.close()
    assert.equal(text, '{"ok":true}')
  },

  'a request that is aborted while it waits leaves at once': async () => {
    const controller = new AbortController()
    let arrived = () => {}
    const session = createSession({ tokens: { refreshToken: 'r1' }, refresh: () => new Promise((resolve) => (arrived = resolve)) })
    const api = axios.create({ baseURL: 'http://127.0.0.1:1', signal: controller.signal })
    attach(api, session)
    const waiting = api.get('/me').catch((error) => error)
    await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    assert.equal((await waiting).code, 'ERR_CANCELED')
    arrived({ accessToken: 'a1' })
    assert.equal((await session.getTokens()).accessToken, 'a1')
  },

  'close waits for a refresh that is under way, and for its pair to be saved': async () => {
    const saved = []
    const session = createSession({
      tokens: { refreshToken: 'r1' },
      load: () => null,
      save: async (tokens) => void saved.push(tokens.accessToken),
      refresh: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return { accessToken: 'a2', refreshToken: 'r2' }
      },
    })
    void session.refresh().catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    await session.close()
    assert.equal(saved.at(-1), 'a2')
  },

  'a pool keeps accounts apart': async () => {
    const pool = createSessionPool({ load: (account) => ({ accessToken: `of-${account}` }), refresh: () => null })
    const tokens = await Promise.all([1, 2].map((account) => pool.session(account).getTokens()))
    assert.deepEqual(
      tokens.map(({ accessToken }) => accessToken),
      ['of-1', 'of-2'],
    )
    await pool.close()
  },

  // Left as they are, on purpose: none of them may keep the process.
  'sessions that are left open do not keep the process': async () => {
    const { api } = await refusedApi().then(async (kit) => {
      await kit.api.get('/me')
      await kit.server.close()
      return kit
    })
    assert.ok(api)
    const hanging = createSession({ tokens: { refreshToken: 'r1' }, refresh: () => new Promise(() => {}) })
    void hanging.getTokens().catch(() => {})
  },
})
