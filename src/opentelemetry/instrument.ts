import { type Meter, metrics, type Tracer, trace } from '@opentelemetry/api'
import { checkOptions } from '../core/check-options.ts'
import type { SessionPool } from '../core/pool/create-pool.ts'
import { registerOf } from '../core/pool/session-register.ts'
import type { SessionConfig } from '../core/session/config.ts'
import { insideOf, type Session } from '../core/session/session-handle.ts'
import { createInstruments } from './instruments.ts'
import { observeEvents } from './observe-events.ts'
import { observeRefreshes } from './observe-refreshes.ts'
import { observeTokenRequests } from './observe-token-requests.ts'

/** The options of {@link instrument}. */
export interface InstrumentOptions {
  /** Makes the counters and histograms. Default: `metrics.getMeter('axios-renew')` of the global provider. */
  meter?: Meter
  /** Makes the spans. Default: `trace.getTracer('axios-renew')` of the global provider. */
  tracer?: Tracer
}

/**
 * Counts what a session, or all sessions of a pool, do, and makes a span of every refresh. What the refresh calls
 * (the token request of an instrumented HTTP client, the store's client) becomes a child of that span. Nothing that is
 * told holds a token: of an error it is the `code`.
 *
 * Call it once, after the SDK has been set up; docs/opentelemetry.md lists the names.
 *
 * @returns what stops it, at once: of a refresh that is under way only the span is still told.
 * @throws TypeError for a wrong option, one session of a pool, or what is instrumented already.
 *
 * @example
 * const pool = createSessionPool({ ...mercadoPago({ clientId, clientSecret }), store })
 * instrument(pool)
 */
export function instrument(sessionOrPool: Session | SessionPool, options: InstrumentOptions = {}): () => void {
  const config = configOf(sessionOrPool)
  const { meter = metrics.getMeter('axios-renew'), tracer = trace.getTracer('axios-renew') } = checkOptions('instrument', options, {
    meter: 'object',
    tracer: 'object',
  })
  if (config.aroundRefresh) throw new TypeError('instrument: this session or pool is instrumented already: it would be counted twice')
  const instruments = createInstruments(meter)
  const stops = [
    observeTokenRequests(config, instruments),
    observeRefreshes(config, instruments, tracer),
    observeEvents(sessionOrPool, instruments, config.clock),
  ]
  return () => {
    for (const stop of stops.splice(0)) stop()
  }
}

function configOf(sessionOrPool: Session | SessionPool): SessionConfig {
  const pool = registerOf(sessionOrPool)
  if (pool) return pool.config
  const config = insideOf(sessionOrPool)?.().config
  if (!config) throw new TypeError('instrument: expected a session or a pool, made by createSession or createSessionPool')
  if (config.pool) throw new TypeError('instrument: expected the pool, got one session of it')
  return config
}
