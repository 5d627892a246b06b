import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { SessionEndedError, SignedOutError } from 'axios-renew'
import type { Market } from './market.ts'

/** The body of a notification, as far as it matters here. */
export interface Notification {
  type: string
  action: string
  /** The seller. */
  user_id: number
}

/** Reads the body of a notification; `undefined` when it is none. */
export function readNotification(text: string): Notification | undefined {
  try {
    const { type, action, user_id } = JSON.parse(text)
    return Number.isSafeInteger(user_id) ? { type, action, user_id } : undefined
  } catch {
    return undefined
  }
}

/** How far the time of a signature may be from now: one that was overheard is worthless later. */
const WINDOW = 48 * 3600_000

/** Whether a notification is Mercado Pago's: `dataId` is `data.id` of its URL, `secret` that of the application's webhooks. */
export function isSigned(headers: IncomingHttpHeaders, dataId: string, secret: string, now = Date.now()): boolean {
  const { ts = '', v1 = '' } = Object.fromEntries(
    String(headers['x-signature'])
      .split(',')
      .map((part) => part.trim().split('=')),
  )
  const requestId = headers['x-request-id']
  // What is not there is left out.
  const manifest = [dataId && `id:${dataId.toLowerCase()};`, requestId && `request-id:${requestId};`, `ts:${ts};`].join('')
  const expected = createHmac('sha256', secret).update(manifest).digest()
  const sent = Buffer.from(v1, 'hex')
  // Both are documented: seconds and milliseconds.
  const signedAt = Number(ts) * (Number(ts) < 1e11 ? 1000 : 1)
  return sent.length === expected.length && timingSafeEqual(sent, expected) && Math.abs(now - signedAt) <= WINDOW
}

/** Does what a notification asks for, which may come twice, late, or after the next. Only `dataId` was signed: the rest is a hint. */
export async function handleNotification({ api }: Market, dataId: string, { type, user_id: account }: Notification): Promise<void> {
  if (type === 'payment') {
    // Of a seller whose first pair is not stored yet, too: that rejects, and it comes again.
    const payment = await api.get(`/v1/payments/${encodeURIComponent(dataId)}`, { renew: { account } })
    console.log(`seller ${account}: payment ${payment.data.id} is ${payment.data.status}`) // your orders
  }
  if (type === 'mp-connect') {
    // Connected or disconnected: do not believe it, look. It may be late, and the seller here again since.
    await api.get('/users/me', { renew: { account } }).catch((error) => {
      // Sent again, it would come to the same. 'ended' has noted it.
      if (!(error instanceof SessionEndedError || error instanceof SignedOutError)) throw error
    })
  }
}
