import { type Attributes, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { AuthError } from '../core/errors/auth-error.ts'
import { classify } from '../core/session/classify.ts'
import type { SessionConfig } from '../core/session/config.ts'
import type { Flight } from '../core/session/flight.ts'
import type { Held } from '../core/session/state.ts'
import type { Instruments } from './instruments.ts'

/** Counts refreshes and their token requests, and makes a span of each refresh. */
export function observeRefreshes(config: SessionConfig, instruments: Instruments, tracer: Tracer): () => void {
  const { refresh } = config
  const { clock } = config

  config.aroundRefresh = (account, flight, run) => {
    const span = tracer.startSpan('axios_renew.refresh', { attributes: { 'axios_renew.account': account } })
    const end = (outcome: Outcome, error?: AuthError) => tell(instruments, span, flight, clock.now(), outcome, error)
    return context.with(trace.setSpan(context.active(), span), run).then(
      (held: Held) => {
        end(flight.sent ? 'refreshed' : 'adopted')
        return held
      },
      (error: AuthError) => {
        end(outcomeOf(error), error)
        throw error
      },
    )
  }

  const counted = async (...given: Parameters<typeof refresh>) => {
    const startedAt = clock.now()
    const end = (attributes: Attributes) => {
      instruments.tokenRequests.add(1, attributes)
      instruments.tokenRequestDuration.record(secondsBetween(startedAt, clock.now()), attributes)
    }
    try {
      const answer = await refresh(...given)
      end({})
      return answer
    } catch (error) {
      end({ 'error.type': classify(error, clock.now()).code })
      throw error
    }
  }
  // What `oauth2` has marked its function with holds for this one, too.
  config.refresh = Object.setPrototypeOf(counted, refresh)

  return () => {
    config.aroundRefresh = undefined
    config.refresh = refresh
  }
}

type Outcome = 'refreshed' | 'adopted' | 'failed' | 'uncertain' | 'client-rejected' | 'ended' | 'overtaken' | 'store-failed'

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ERR_REFRESH_UNCERTAIN: 'uncertain',
  ERR_CLIENT_REJECTED: 'client-rejected',
  ERR_SESSION_ENDED: 'ended',
  ERR_SIGNED_OUT: 'overtaken',
  ERR_SAVE_FAILED: 'store-failed',
  ERR_STORE_UNAVAILABLE: 'store-failed',
  ERR_LOCK_TIMEOUT: 'store-failed',
}

function outcomeOf({ code }: AuthError): Outcome {
  return OUTCOMES[code] ?? 'failed'
}

function tell(instruments: Instruments, span: Span, flight: Flight, now: number, outcome: Outcome, error?: AuthError): void {
  const { startedAt, joinedAt, waiters } = flight
  const attributes: Attributes = { 'axios_renew.refresh.outcome': outcome }
  if (error) attributes['error.type'] = error.code
  instruments.refreshes.add(1, attributes)
  instruments.refreshDuration.record(secondsBetween(startedAt, now), attributes)
  instruments.waiters.record(waiters)
  if (joinedAt !== undefined) instruments.waitDuration.record(secondsBetween(joinedAt, now))
  span.setAttributes({ ...attributes, 'axios_renew.refresh.waiters': waiters })
  // The message may quote what a server said.
  if (error) span.setStatus({ code: SpanStatusCode.ERROR, message: error.code })
  span.end()
}

/** A clock may have been turned back meanwhile. */
function secondsBetween(startedAt: number, endedAt: number): number {
  return Math.max(0, endedAt - startedAt) / 1000
}
