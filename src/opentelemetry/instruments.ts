import type { Counter, Histogram, Meter } from '@opentelemetry/api'

/** What is counted. The names and units follow OpenTelemetry's conventions for metrics. */
export interface Instruments {
  readonly refreshes: Counter
  readonly refreshDuration: Histogram
  readonly waiters: Histogram
  readonly waitDuration: Histogram
  readonly tokenRequests: Counter
  readonly tokenRequestDuration: Histogram
  readonly coolDowns: Counter
  readonly coolDownDuration: Histogram
  readonly replays: Counter
  readonly withheld: Counter
  readonly saveFailures: Counter
  readonly storeDegradations: Counter
  readonly ended: Counter
}

/** Bounds of buckets for what takes from some ms to the minute that a token request may take, in s. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Of what a `Retry-After` may ask for, in s. */
const REST_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600]
/** Bounds of buckets for callers that wait for the same refresh. */
const CALLERS = [0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 10_000]

export function createInstruments(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string) => meter.createCounter(`axios_renew.${name}`, { unit, description })
  const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(`axios_renew.${name}`, { unit, description, advice: { explicitBucketBoundaries } })
  return {
    refreshes: counter('refreshes', '{refresh}', 'New pairs, and refreshes that failed, by outcome'),
    refreshDuration: histogram('refresh.duration', 's', 'How long refreshes took, from first look to published pair', SECONDS),
    waiters: histogram('refresh.waiters', '{caller}', 'Callers that shared one refresh', CALLERS),
    waitDuration: histogram('wait.duration', 's', 'From when the first caller joined a refresh until all were let go', SECONDS),
    tokenRequests: counter('token_requests', '{request}', 'Token requests that have come to an end'),
    tokenRequestDuration: histogram('token_request.duration', 's', 'How long token requests took', SECONDS),
    coolDowns: counter('cool_downs', '{cool_down}', 'Failures after which no token request is made for a while'),
    coolDownDuration: histogram('cool_down.duration', 's', 'How long no token request is made after a failure', REST_SECONDS),
    replays: counter('replays', '{request}', 'Requests that were refused and sent a second time'),
    withheld: counter('withheld', '{request}', 'Requests that were sent without a token, by reason'),
    saveFailures: counter('save.failures', '{attempt}', 'Attempts to write a pair, or a sign-out, that did not work'),
    storeDegradations: counter('store.degradations', '{outage}', 'How often the store could not be reached any more'),
    ended: counter('sessions.ended', '{session}', 'Sessions whose refresh token was refused'),
  }
}
