import { type Attributes, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { AuthError } from '../core/errors/auth-error.ts'
import type { SessionConfig } from '../core/session/config.ts'
import type { Flight } from '../core/session/flight.ts'
import type { Held } from '../core/session/state.ts'
import { ignore } from '../core/wait.ts'
import type { Instruments } from './instruments.ts'
import { quietly } from './quietly.ts'
import { secondsBetween } from './seconds-between.ts'

/** Makes a span of each refresh, counts those that fail, and tells how long they took and who waited. */
export function observeRefreshes(config: SessionConfig, instruments: Instruments, tracer: Tracer): () => void {
  const { clock } = config

  async function around(account: string, flight: Flight, run: () => Promise<Held>): Promise<Held> {
    const span = quietly(() => tracer.startSpan('axios_renew.refresh', { attributes: { 'axios_renew.account': account } }))
    tellOfWaiters(flight)
    try {
      const held = await (span ? context.with(trace.setSpan(context.active(), span), run) : run())
      tell(flight, span, held.adopted ? 'adopted' : 'refreshed')
      return held
    } catch (error) {
      tell(flight, span, outcomeOf(error as AuthError), error as AuthError)
      throw error
    }
  }

  /** Callers may be let go before the refresh is over: by `refreshTimeoutMs`, or as somebody signs out. */
  function tellOfWaiters(flight: Flight): void {
    const settled = () => {
      const { joinedAt, waiters } = flight
      instruments.waiters.record(waiters)
      if (joinedAt !== undefined) instruments.waitDuration.record(secondsBetween(joinedAt, clock.now()))
    }
    flight.promise.then(settled, settled).catch(ignore)
  }

  function tell({ startedAt, waiters }: Flight, span: Span | undefined, outcome: Outcome, error?: AuthError): void {
    const attributes: Attributes = { 'axios_renew.refresh.outcome': outcome }
    if (error) attributes['error.type'] = error.code ?? '_OTHER'
    // Those that bring a pair are counted by their event.
    if (error) quietly(() => instruments.refreshes.add(1, attributes))
    quietly(() => instruments.refreshDuration.record(secondsBetween(startedAt, clock.now()), attributes))
    quietly(() => {
      span?.setAttributes({ ...attributes, 'axios_renew.refresh.waiters': waiters })
      // Nothing is wrong when somebody signs out. The message of an error may quote what a server said.
      if (error && outcome !== 'signed-out') span?.setStatus({ code: SpanStatusCode.ERROR, message: error.code })
    })
    quietly(() => span?.end())
  }

  config.aroundRefresh = around
  return () => {
    config.aroundRefresh = undefined
  }
}

type Outcome = 'refreshed' | 'adopted' | 'failed' | 'uncertain' | 'client-rejected' | 'ended' | 'signed-out' | 'store-failed'

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ERR_REFRESH_UNCERTAIN: 'uncertain',
  ERR_CLIENT_REJECTED: 'client-rejected',
  ERR_SESSION_ENDED: 'ended',
  ERR_SIGNED_OUT: 'signed-out',
  ERR_SAVE_FAILED: 'store-failed',
  ERR_STORE_UNAVAILABLE: 'store-failed',
  ERR_LOCK_TIMEOUT: 'store-failed',
}

function outcomeOf({ code }: AuthError): Outcome {
  return OUTCOMES[code] ?? 'failed'
}
