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

/** Whether a notification is Mercado Pago's: `dataId` is `data.id` of its URL, `secret` that of the application's webhooks. */
export function isSigned(headers: IncomingHttpHeaders, dataId: string, secret: string): boolean {
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
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}

/** Does what a notification asks for, which may come twice, late, or after the next. Only `dataId` was signed: the rest is a hint. */
export async function handleNotification({ api }: Market, dataId: string, { type, user_id: account }: Notification): Promise<void> {
  try {
    if (type === 'payment') {
      const payment = await api.get(`/v1/payments/${encodeURIComponent(dataId)}`, { renew: { account } })
      console.log(`seller ${account}: payment ${payment.data.id} is ${payment.data.status}`) // your orders
    }
    // Connected or disconnected: do not believe it, look. It may be late, and the seller here again since.
    if (type === 'mp-connect') await api.get('/users/me', { renew: { account } })
  } catch (error) {
    // Sent again, it would come to the same. 'ended' has noted it.
    if (!(error instanceof SessionEndedError || error instanceof SignedOutError)) throw error
  }
}
