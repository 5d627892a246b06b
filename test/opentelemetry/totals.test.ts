import { createSession, createSessionPool, memoryStore, oauth2 } from 'axios-renew'
import { instrument } from 'axios-renew/opentelemetry'
import { expect, onTestFinished, test } from 'vitest'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { connect, randomFrom, startSession, startStage, times } from '../truth/support/stage.ts'
import { createRecorder } from './support/recorder.ts'

test('what is counted is what a real authorization server has seen, in storms with late 401s', async () => {
  const stage = await startStage()
  const recorder = createRecorder()
  const session = startSession(stage)
  const late = { true: 0, false: 0 }
  session.on('replayed', (event) => late[`${event.late}`]++)
  instrument(session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  await session.signIn(stage.pair)
  const api = connect(stage, session)
  const random = randomFrom(7)
  stage.latency = () => random() * 60
  stage.server.latencyMs = 20

  for (let storm = 0; storm < 6; storm++) {
    const { accessToken } = await session.getTokens()
    await stage.expire(accessToken)
    const answers = await Promise.all(times(60, (id) => api.get(`/v1/payments/${id}`)))
    expect(answers.map(({ status }) => status)).toEqual(times(60, () => 200))
  }

  const seen = stage.seen()
  expect(seen).toMatchObject({ tokenRequests: 6, refreshes: 6, reused: 0 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(seen.tokenRequests)
  expect(await recorder.total('axios_renew.token_request.duration')).toBe(seen.tokenRequests)
  expect(await recorder.total('axios_renew.refreshes', { 'axios_renew.refresh.outcome': 'refreshed' })).toBe(seen.refreshes)
  // Every 401 that the API gave was replayed, and told to be late or not.
  expect(await recorder.total('axios_renew.replays')).toBe(seen.unauthorized)
  expect(await recorder.total('axios_renew.replays', { 'axios_renew.replay.late': true })).toBe(late.true)
  expect(await recorder.total('axios_renew.replays', { 'axios_renew.replay.late': false })).toBe(late.false)
  expect(recorder.refreshSpans()).toHaveLength(seen.tokenRequests)
})

test('two processes over one store: each pair is counted as refreshed by one, and as adopted by the other', async () => {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  const { tokenEndpoint, clientId, clientSecret } = auth
  const store = memoryStore()
  const recorder = createRecorder()
  const pools = times(2, () => createSessionPool({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), store }))
  for (const pool of pools) instrument(pool, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  const accounts = times(20, (i) => `seller-${i}`)
  for (const account of accounts) await pools[0]?.session(account).signIn(await auth.authorize(account))

  await Promise.all(
    accounts.flatMap((account) =>
      pools.map(async (pool) => {
        const session = pool.session(account)
        await session.refresh({ rejected: await session.getTokens() })
      }),
    ),
  )

  expect(auth.counters).toMatchObject({ tokenRequests: 20, refreshes: 20, reused: 0 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(20)
  expect(await recorder.total('axios_renew.refreshes', { 'axios_renew.refresh.outcome': 'refreshed' })).toBe(20)
  await expect.poll(() => recorder.total('axios_renew.refreshes', { 'axios_renew.refresh.outcome': 'adopted' })).toBe(20)
  expect(recorder.refreshSpans().map(({ attributes }) => attributes['axios_renew.account'])).toEqual(expect.arrayContaining(accounts))
  await Promise.all(pools.map((pool) => pool.close()))
})

test('a token that somebody spent: the refused request is counted, and the server agrees', async () => {
  const auth = await startAuthorizationServer()
  onTestFinished(() => auth.close())
  const { tokenEndpoint, clientId, clientSecret } = auth
  const recorder = createRecorder()
  const pair = await auth.authorize('maria')
  const open = () => {
    const session = createSession({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), tokens: pair })
    instrument(session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
    return session
  }
  const [thief, victim] = [open(), open()]
  await thief.refresh()
  await expect(victim.refresh()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })

  expect(auth.counters).toMatchObject({ tokenRequests: 2, refreshes: 1, grantsRevoked: 1 })
  expect(await recorder.total('axios_renew.token_requests')).toBe(2)
  expect(await recorder.total('axios_renew.token_requests', { 'error.type': 'ERR_SESSION_ENDED' })).toBe(1)
  expect(await recorder.total('axios_renew.sessions.ended')).toBe(1)
})
