import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api'
import { createSession, createSessionPool, oauth2 } from 'axios-renew'
import { instrument } from 'axios-renew/opentelemetry'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createKit, rejection } from '../support/session-kit.ts'
import { fail } from '../support/token-server.ts'
import { createRecorder, within } from './support/recorder.ts'

test('a refresh is a span below the request that began it, and above the token request', async () => {
  const recorder = createRecorder()
  const tracer = recorder.tracers.getTracer('test')
  const { session, server } = createKit({
    // As an instrumented HTTP client does.
    refresh: (tokens, about) => tracer.startActiveSpan('POST /token', (span) => server.refresh(tokens, about).finally(() => span.end())),
  })
  instrument(session, { meter: recorder.meters.getMeter('test'), tracer })
  await session.getTokens()
  await within(recorder, 'GET /page', () => Promise.all([session.refresh(), session.refresh()]))

  const [token, refresh, page] = ['POST /token', 'axios_renew.refresh', 'GET /page'].map((wanted) => {
    const found = recorder.spans().filter(({ name }) => name === wanted)
    expect(found).toHaveLength(1)
    return found[0]
  })
  expect(token?.parentSpanContext?.spanId).toBe(refresh?.spanContext().spanId)
  expect(refresh?.parentSpanContext?.spanId).toBe(page?.spanContext().spanId)
  expect(refresh?.attributes).toEqual({
    'axios_renew.account': 'default',
    'axios_renew.refresh.outcome': 'refreshed',
    'axios_renew.refresh.waiters': 2,
  })
  expect(refresh?.status).toEqual({ code: SpanStatusCode.UNSET })
})

test('a failed one is an error, and tells its code and nothing that the server has said', async () => {
  const recorder = createRecorder()
  const { session } = createKit({ refresh: async () => fail(503, { message: 'secret of the server' }) })
  instrument(session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  await rejection(session.refresh())
  const [span] = recorder.refreshSpans()
  expect(span).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: 'ERR_REFRESH_FAILED' },
    attributes: { 'error.type': 'ERR_REFRESH_FAILED', 'axios_renew.refresh.outcome': 'failed' },
    events: [],
  })
  expect(JSON.stringify([span?.attributes, span?.status])).not.toContain('secret')
})

test('a session of `oauth2` without a refresh token still makes no token request', async () => {
  const recorder = createRecorder()
  const session = createSession({ ...oauth2({ tokenEndpoint: 'http://127.0.0.1:1/token' }), tokens: { access_token: 'start' } })
  instrument(session, { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') })
  const error = await rejection(session.refresh({ rejected: await session.getTokens() }))
  expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', message: expect.stringContaining('offline_access') })
  expect(await session.refresh().catch(({ code }) => code)).toBe('ERR_SESSION_ENDED')
})

test('once it is stopped, nothing is told any more, and it can begin anew', async () => {
  const recorder = createRecorder()
  const options = { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') }
  const { session, clock } = createKit()
  const stop = instrument(session, options)
  await session.refresh()
  stop()
  stop()
  await clock.advance(2000)
  await session.refresh()
  expect(await recorder.total('axios_renew.refreshes')).toBe(1)
  expect(recorder.refreshSpans()).toHaveLength(1)
  const again = instrument(session, options)
  stop()
  await clock.advance(2000)
  await session.refresh()
  expect(await recorder.total('axios_renew.refreshes')).toBe(2)
  expect(await recorder.total('axios_renew.token_requests')).toBe(2)
  again()
})

test('by default the global providers are told', async () => {
  const recorder = createRecorder()
  metrics.setGlobalMeterProvider(recorder.meters)
  trace.setGlobalTracerProvider(recorder.tracers)
  onTestFinished(() => metrics.disable())
  const { session } = createKit()
  instrument(session)
  await session.refresh()
  expect(await recorder.total('axios_renew.refreshes')).toBe(1)
  expect(recorder.refreshSpans().map(({ instrumentationScope }) => instrumentationScope.name)).toEqual(['axios-renew'])
})

test('without any SDK everything works, and nothing is told', async () => {
  context.disable()
  const { session, server } = createKit()
  instrument(session)
  await session.refresh()
  expect(server.requests).toBe(1)
})

describe('what is not right is refused, with what was expected', () => {
  const pool = createSessionPool({ refresh: () => ({}) })
  const session = createSession({ refresh: () => ({}) })
  test.each([
    ['nothing', undefined, {}, 'instrument: expected a session or a pool, made by createSession or createSessionPool'],
    ['one session of a pool', pool.session('anna'), {}, 'instrument: expected the pool, got one session of it'],
    ['a meter that is none', session, { meter: 'none' }, "instrument: option 'meter': expected object, got string"],
    ['a tracer that is none', session, { tracer: 1 }, "instrument: option 'tracer': expected object, got number"],
    ['options that are none', session, 'all', 'instrument: expected object, got string'],
    ['an option that is mistyped', session, { metre: {} }, "instrument: unknown option 'metre', expected meter, tracer"],
  ])('%s', (_name, given, options, message) => {
    expect(() => instrument(given as never, options as never)).toThrow(new TypeError(message))
  })

  test('the same session, or pool, twice', () => {
    instrument(session)
    expect(() => instrument(session)).toThrow('instrument: this session or pool is instrumented already: it would be counted twice')
    instrument(pool)
    expect(() => instrument(pool)).toThrow('instrumented already')
  })
})
