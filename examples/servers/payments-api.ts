import { createServer } from 'node:http'
import { close, listen } from './listen.ts'

/** What the API has answered. */
export interface PaymentCounters {
  requests: number
  ok: number
  unauthorized: number
}

/** A running payments API. */
export interface PaymentsApi {
  readonly url: string
  readonly counters: PaymentCounters
  close(): Promise<void>
}

/** Settings of {@link startPaymentsApi}. */
export interface PaymentsApiOptions {
  /** Whether an access token is good right now. */
  accepts(accessToken: string): Promise<boolean>
  /** Every answer takes a random time up to this, in ms. Default 0. */
  latencyMs?: number
  /** The request header that holds the access token. Default `Authorization`, as a Bearer token. */
  header?: string
  /** Pages of other origins may call it too (CORS). Default `false`. */
  cors?: boolean
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization',
  // An answer that comes from a cache would be one that nobody counts.
  'cache-control': 'no-store',
  'access-control-max-age': '600',
}

/** Starts an API that gives payments to whoever has a good access token, with mixed latency. */
export async function startPaymentsApi({
  accepts,
  latencyMs = 0,
  header = 'Authorization',
  cors = false,
}: PaymentsApiOptions): Promise<PaymentsApi> {
  const counters: PaymentCounters = { requests: 0, ok: 0, unauthorized: 0 }
  const server = createServer(async (request, response) => {
    if (cors) for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
    // A browser asks before it sends a token elsewhere: that is no request of the app.
    if (cors && request.method === 'OPTIONS') return response.writeHead(204).end()
    counters.requests++
    const token = String(request.headers[header.toLowerCase()] ?? '').replace(/^Bearer /, '')
    const good = await accepts(token)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * latencyMs))
    if (good) counters.ok++
    else counters.unauthorized++
    const body = good
      ? { id: request.url?.split('/').pop(), status: 'approved', transaction_amount: 10 }
      : { message: 'invalid_token', error: 'not_found', status: 401, cause: [] }
    response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const url = await listen(server)
  return { url, counters, close: () => close(server) }
}
