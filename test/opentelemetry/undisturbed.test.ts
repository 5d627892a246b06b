import type { Meter, Tracer } from '@opentelemetry/api'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { instrument } from 'axios-renew/opentelemetry'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../support/session-kit.ts'
import { fail } from '../support/token-server.ts'
import { createRecorder } from './support/recorder.ts'

function broken(): never {
  throw new Error('broken')
}

/** A meter whose counters and histograms of these names throw. */
function brokenMeter(which: RegExp): Meter {
  const make = (name: string) => (which.test(name) ? { add: broken, record: broken } : { add() {}, record() {} })
  return { createCounter: make, createHistogram: make } as unknown as Meter
}

const processor: SpanProcessor = { onStart() {}, onEnd: broken, forceFlush: async () => {}, shutdown: async () => {} }

const BROKEN: [string, { meter?: Meter; tracer?: Tracer }][] = [
  ...[/token_requests/, /token_request\.duration/, /\.refreshes/, /refresh\.duration/, /waiters/, /wait\.duration/, /./].map(
    (which): [string, { meter: Meter }] => [`a meter that throws for ${which}`, { meter: brokenMeter(which) }],
  ),
  ['a tracer that throws', { tracer: { startSpan: broken, startActiveSpan: broken } }],
  ['a processor of spans that throws', { tracer: new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test') }],
]

describe.each(BROKEN)('%s', (_what, options) => {
  test('does not disturb a refresh: the pair is saved and served, and no token is sent twice', async () => {
    const { session, server, saved, clock, events } = createKit()
    instrument(session, options)
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
    await clock.advance(120_000)
    expect(await session.refresh()).toMatchObject({ accessToken: 'a3' })
    expect(saved).toHaveLength(2)
    expect(server).toMatchObject({ requests: 2, revoked: false })
    expect(events.map(({ name }) => name)).toEqual(['refreshed', 'refreshed'])
  })

  test('does not hide why one failed', async () => {
    const { session } = createKit({ refresh: async () => fail(503) })
    instrument(session, options)
    expect((await rejection(session.refresh())).code).toBe('ERR_REFRESH_FAILED')
  })
})

test('when it is stopped while a refresh is under way, and begun anew, that one is counted once', async () => {
  const recorder = createRecorder()
  const options = { meter: recorder.meters.getMeter('test'), tracer: recorder.tracers.getTracer('test') }
  const { session, server } = createKit()
  const stop = instrument(session, options)
  server.hold = true
  await session.getTokens()
  const refreshing = session.refresh()
  await expect.poll(() => server.pending.length).toBe(1)
  stop()
  instrument(session, options)
  server.pending[0]?.answer()
  await refreshing
  expect(await recorder.total('axios_renew.refreshes')).toBe(1)
  expect(await recorder.total('axios_renew.token_requests')).toBe(1)
  expect(recorder.refreshSpans()).toHaveLength(1)
})
