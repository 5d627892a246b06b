import { createSession, createSessionPool, memoryStore, RefreshFailedError, type SessionOptions } from 'axios-renew'
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

test('a refresh that finds what somebody else has written is adopted, without a token request', async () => {
  const store = memoryStore()
  const { session, clock, server, recorder } = scene({ load: undefined, save: undefined, store })
  await session.signIn({ ...server.firstPair, expires_in: 3600 })
  const other = createSession({ refresh: server.refresh, store, clock })
  // What others write is heard of by itself: here the news must come too late.
  const tokens = await session.getTokens()
  const refreshing = Promise.all([other.refresh({ rejected: await other.getTokens() }), session.refresh({ rejected: tokens })])
  await refreshing
  expect(server.requests).toBe(1)
  expect(
    (await recorder.total('axios_renew.token_requests')) +
      (await recorder.total('axios_renew.refreshes', { 'axios_renew.refresh.outcome': 'adopted' })),
  ).toBe(1)
  expect(await recorder.total('axios_renew.refreshes')).toBe(1)
})

test('a refresh that a sign-out overtakes ends, as such', async () => {
  const { session, server, recorder, clock } = scene()
  server.hold = true
  const refreshing = rejection(session.refresh())
  await clock.advance(10)
  await session.signOut()
  await refreshing
  server.pending[0]?.answer()
  await clock.advance(10)
  expect(await outcomes(recorder)).toEqual({ overtaken: 1 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(1)
  expect(recorder.refreshSpans()).toHaveLength(1)
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
