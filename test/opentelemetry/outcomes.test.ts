import { createSession, createSessionPool, memoryStore, oauth2, RefreshFailedError, type SessionOptions } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { instrument } from 'axios-renew/opentelemetry'
import { expect, test } from 'vitest'
import { serve } from '../support/attached.ts'
import { createKit, rejection, type SessionKit } from '../support/session-kit.ts'
import { fail } from '../support/token-server.ts'
import { createRecorder, type Recorder } from './support/recorder.ts'

/** A session that is told of, and what is told. */
function scene(options: Partial<SessionOptions> = {}): SessionKit & { recorder: Recorder; stop: () => void } {
  const kit = createKit(options)
  const recorder = createRecorder()
  const stop = instrument(kit.session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  return { ...kit, recorder, stop }
}

/** The outcomes of the refreshes so far. */
const outcomes = async ({ series }: Recorder) =>
  Object.fromEntries(
    (await series('axios_renew.refreshes')).map(({ attributes, count }) => [attributes['axios_renew.refresh.outcome'], count]),
  )

test('a refresh that works: how long it took, who waited and how long, in seconds', async () => {
  const { session, server, clock, recorder } = scene()
  server.hold = true
  await session.getTokens()
  const waiting = [session.refresh(), session.refresh()]
  await clock.advance(1500)
  waiting.push(session.refresh())
  await clock.advance(500)
  server.pending[0]?.answer()
  await Promise.all(waiting)

  expect(await recorder.series('axios_renew.refreshes')).toEqual([
    { name: 'axios_renew.refreshes', unit: '{refresh}', attributes: { 'axios_renew.refresh.outcome': 'refreshed' }, count: 1 },
  ])
  expect(await recorder.series('axios_renew.refresh.duration')).toMatchObject([{ unit: 's', count: 1, sum: 2 }])
  expect(await recorder.series('axios_renew.token_request.duration')).toMatchObject([{ unit: 's', count: 1, sum: 2, attributes: {} }])
  expect(await recorder.series('axios_renew.refresh.waiters')).toMatchObject([{ unit: '{caller}', count: 1, sum: 3 }])
  expect(await recorder.series('axios_renew.wait.duration')).toMatchObject([{ unit: 's', count: 1, sum: 2 }])
})

test('a refresh in the background has no waiters; who joins it later has waited from then on', async () => {
  const { session, server, clock, recorder } = scene()
  server.hold = true
  await session.getTokens()
  // Due, and not yet so late that requests wait.
  await clock.advance(3400_000)
  await session.getTokens()
  await clock.advance(5000)
  const joined = session.refresh()
  await clock.advance(1000)
  server.pending[0]?.answer()
  await joined
  expect(await recorder.series('axios_renew.refresh.duration')).toMatchObject([{ count: 1, sum: 6 }])
  expect(await recorder.series('axios_renew.refresh.waiters')).toMatchObject([{ count: 1, sum: 1 }])
  expect(await recorder.series('axios_renew.wait.duration')).toMatchObject([{ count: 1, sum: 1 }])
})

test('each failure is told by its code, and how long nothing is asked after it', async () => {
  const answers = [
    () => fail(503, undefined, { 'retry-after': '7' }),
    () => fail(400, { error: 'invalid_client' }),
    () => {
      throw new RefreshFailedError('no answer', { code: 'ERR_REFRESH_UNCERTAIN' })
    },
    () => fail(400, { error: 'invalid_grant' }),
  ]
  const { session, clock, recorder } = scene({ refresh: async () => answers.shift()?.() ?? null })
  for (let left = answers.length; left > 0; left--) {
    await rejection(session.refresh())
    await clock.advance(120_000)
  }
  expect(await outcomes(recorder)).toEqual({ failed: 1, 'client-rejected': 1, uncertain: 1, ended: 1 })
  const codes = ['ERR_CLIENT_REJECTED', 'ERR_REFRESH_FAILED', 'ERR_REFRESH_UNCERTAIN', 'ERR_SESSION_ENDED']
  const told = (await recorder.series('axios_renew.token_requests')).map(({ attributes, count }) => [attributes['error.type'], count])
  expect(told.sort()).toEqual(codes.map((code) => [code, 1]))
  expect(await recorder.total('axios_renew.cool_downs')).toBe(3)
  const [rest] = (await recorder.series('axios_renew.cool_down.duration')).filter(
    ({ attributes }) => attributes['error.type'] === 'ERR_REFRESH_FAILED',
  )
  expect(rest).toMatchObject({ unit: 's', count: 1, sum: 7 })
  expect(await recorder.total('axios_renew.sessions.ended')).toBe(1)
})

test('callers that find the failure cached are not counted as refreshes', async () => {
  const { session, recorder } = scene({ refresh: async () => fail(503), tokens: {}, load: () => null })
  for (let i = 0; i < 5; i++) await rejection(session.getTokens())
  expect(await outcomes(recorder)).toEqual({ failed: 1 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(1)
})

/** Two processes over one store; the first is told of. */
async function twoProcesses() {
  const store = memoryStore()
  const first = scene({ load: undefined, save: undefined, store })
  await first.session.signIn({ ...first.server.firstPair, expires_in: 3600 })
  const other = createSession({ refresh: first.server.refresh, store, clock: first.clock })
  const refreshOther = async () => other.refresh({ rejected: await other.getTokens() })
  return { ...first, refreshOther }
}

test('a pair that somebody else has brought is adopted, once, whoever hears of it: here without a refresh', async () => {
  const { session, recorder, clock, refreshOther } = await twoProcesses()
  for (let i = 0; i < 5; i++) {
    await session.getTokens()
    await refreshOther()
    await clock.advance(2000)
  }
  expect(await outcomes(recorder)).toEqual({ adopted: 5 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(0)
})

test('of two who refresh at once, one makes the token request and the other one adopts', async () => {
  const { session, server, recorder, refreshOther } = await twoProcesses()
  const rejected = await session.getTokens()
  await Promise.all([refreshOther(), session.refresh({ rejected })])
  expect(server.requests).toBe(1)
  const { refreshed = 0, adopted = 0 } = await outcomes(recorder)
  expect([refreshed + adopted, await recorder.total('axios_renew.token_requests')]).toEqual([1, refreshed])
})

test('a request that is refused because somebody else was first ends in an adopted pair', async () => {
  const row = { tokens: { access_token: 'a1', refresh_token: 'r1' } }
  const { session, recorder } = scene({
    load: () => row.tokens,
    save: () => {},
    refresh: async () => {
      row.tokens = { access_token: 'a2', refresh_token: 'r2' }
      return fail(400, { error: 'invalid_grant' })
    },
  })
  await session.refresh()
  expect(await outcomes(recorder)).toEqual({ adopted: 1 })
  expect(await recorder.total('axios_renew.token_requests', { 'error.type': 'ERR_SESSION_ENDED' })).toBe(1)
  expect(recorder.refreshSpans()).toMatchObject([{ attributes: { 'axios_renew.refresh.outcome': 'adopted' } }])
})

test('callers who are let go before the refresh is over have waited until then', async () => {
  const { session, server, clock, recorder } = scene({ refreshTimeoutMs: 5000 })
  server.hold = true
  await session.getTokens()
  const refreshing = rejection(session.refresh())
  await clock.advance(50_000)
  expect((await refreshing).code).toBe('ERR_REFRESH_UNCERTAIN')
  server.pending[0]?.answer()
  await clock.advance(10)
  expect(await recorder.series('axios_renew.wait.duration')).toMatchObject([{ count: 1, sum: 5 }])
  expect(await recorder.series('axios_renew.refresh.duration')).toMatchObject([{ count: 1, sum: 50 }])
  expect(await outcomes(recorder)).toEqual({ refreshed: 1 })
})

test('a request that is given up is told as uncertain, once, and the pair that it brings late as refreshed', async () => {
  const { session, server, clock, recorder } = scene({ refreshTimeoutMs: 5000 })
  server.hold = true
  await session.getTokens()
  const refreshing = rejection(session.refresh())
  await clock.advance(61_000)
  await refreshing
  expect(await outcomes(recorder)).toEqual({ uncertain: 1 })
  server.pending[0]?.answer()
  await clock.advance(10)
  expect(await outcomes(recorder)).toEqual({ uncertain: 1, refreshed: 1 })
  expect(await recorder.series('axios_renew.token_requests')).toMatchObject([
    { count: 1, attributes: { 'error.type': 'ERR_REFRESH_UNCERTAIN' } },
  ])
})

test('what cannot be asked is no token request: `oauth2` without a refresh token', async () => {
  const recorder = createRecorder()
  const session = createSession({ ...oauth2({ tokenEndpoint: 'http://127.0.0.1:1/token' }), tokens: { access_token: 'start' } })
  instrument(session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  await rejection(session.refresh({ rejected: await session.getTokens() }))
  expect(await outcomes(recorder)).toEqual({ ended: 1 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(0)
})

test('a refresh that a sign-out overtakes ends, as such, and is no error', async () => {
  const { session, server, recorder, clock } = scene()
  server.hold = true
  const refreshing = rejection(session.refresh())
  await clock.advance(10)
  await session.signOut()
  await refreshing
  server.pending[0]?.answer()
  await clock.advance(10)
  expect(await outcomes(recorder)).toEqual({ 'signed-out': 1 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(1)
  expect(recorder.refreshSpans()).toMatchObject([{ status: { code: 0 }, attributes: { 'axios_renew.refresh.outcome': 'signed-out' } }])
})

test('failing saves, and a store that cannot be reached, are counted', async () => {
  let failures = 2
  const { session, clock, recorder } = scene({
    save: () => {
      if (failures-- > 0) throw new Error('disk full')
    },
  })
  await session.refresh()
  await clock.advance(120_000)
  expect(await recorder.total('axios_renew.save.failures')).toBe(2)

  const store = { ...memoryStore(), read: () => Promise.reject(new Error('down')) }
  const cut = scene({ load: undefined, save: undefined, store })
  await rejection(cut.session.getTokens())
  expect(await cut.recorder.total('axios_renew.store.degradations')).toBe(1)
})

test('a refresh that the store does not allow makes no token request', async () => {
  const store = memoryStore()
  let down = false
  const { session, server, recorder } = scene({
    load: undefined,
    save: undefined,
    store: { ...store, read: (account) => (down ? Promise.reject(new Error('down')) : store.read(account)) },
  })
  await session.signIn({ ...server.firstPair, expires_in: 3600 })
  down = true
  await rejection(session.refresh())
  expect(await outcomes(recorder)).toEqual({ 'store-failed': 1 })
  expect(await recorder.series('axios_renew.refreshes')).toMatchObject([{ attributes: { 'error.type': 'ERR_STORE_UNAVAILABLE' } }])
  expect(await recorder.total('axios_renew.token_requests')).toBe(0)
})

test('requests to which the token is not given are counted by their reason', async () => {
  const { session, recorder } = scene()
  const url = await serve((_request, response) => void response.end())
  const api = authFetch(session, { origins: ['https://api.example.com'] })
  await api(url)
  await api(url, { headers: { Authorization: 'Basic own' } })
  await api(url)
  expect(await recorder.total('axios_renew.withheld', { 'axios_renew.withheld.reason': 'origin' })).toBe(2)
  expect(await recorder.total('axios_renew.withheld', { 'axios_renew.withheld.reason': 'own-credentials' })).toBe(1)
})

test('all sessions of a pool are counted together, and the metrics know no accounts', async () => {
  const recorder = createRecorder()
  const pairs = new Map<string, unknown>()
  const pool = createSessionPool({
    refresh: async (_tokens, { account }) => ({ access_token: `token of ${account}`, refresh_token: 'next' }),
    load: (account) => ({ access_token: `old of ${account}`, refresh_token: 'first' }),
    save: (tokens, account) => void pairs.set(account, tokens),
  })
  instrument(pool, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  for (const account of ['anna', 'bert', 'carla']) await pool.session(account).refresh()
  expect(await recorder.series('axios_renew.refreshes')).toMatchObject([{ count: 3 }])
  expect(recorder.refreshSpans().map(({ attributes }) => attributes['axios_renew.account'])).toEqual(['anna', 'bert', 'carla'])
})
