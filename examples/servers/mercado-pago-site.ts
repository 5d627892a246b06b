import { createHmac, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type MercadoPagoServer, type MercadoPagoSettings, startMercadoPago } from './mercado-pago.ts'

/** A payment, as far as the examples go. */
interface Payment {
  id: number
  collector_id: number
  status: 'approved'
  transaction_amount: number
}

/** A running stand-in for Mercado Pago: authorization, the payments of its sellers, and notifications. */
export interface MercadoPagoSite extends MercadoPagoServer {
  /** What the API was asked, by seller; 0: with a token that is not good. */
  readonly apiRequests: ReadonlyMap<number, number>
  /** Where notifications go, and the secret that signs them. */
  webhook: { url: string; secret: string } | undefined
  /** Somebody pays the seller, and the application is told. Gives the payment's id, and what the notification was answered. */
  pay(sellerId: number, amount?: number): Promise<{ id: number; answered: number }>
  /** Tells the application of something; gives what it answers. */
  notify(type: string, action: string, sellerId: number, dataId: string): Promise<number>
  /** The seller takes the authorization back, and the application is told; gives what it answers. */
  leave(sellerId: number): Promise<number>
}

/** Settings of {@link startMercadoPagoSite}. */
export interface MercadoPagoSiteSettings extends Pick<MercadoPagoSettings, 'port'> {
  /** Below this path `pay` and `leave` can be asked for by HTTP: `POST <control>pay?seller=4711`. Default: they cannot. */
  control?: string
}

/** Starts it: pages, token endpoint and API on one port. */
export async function startMercadoPagoSite({ port, control }: MercadoPagoSiteSettings = {}): Promise<MercadoPagoSite> {
  const payments = new Map<number, Payment>()
  const apiRequests = new Map<number, number>()
  const elsewhere = (request: IncomingMessage, response: ServerResponse) =>
    void api(request, response).catch((error) => response.destroy(error))
  const server = await startMercadoPago({ port, elsewhere })

  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (control && request.method === 'POST' && pathname.startsWith(control)) {
      const sellerId = Number(searchParams.get('seller'))
      const done = pathname === `${control}pay` ? await site.pay(sellerId) : { answered: await site.leave(sellerId) }
      response.end(`${JSON.stringify(done)}\n`)
      return
    }
    const token = String(request.headers.authorization ?? '').replace(/^Bearer /, '')
    const sellerId = ((await server.accepts(token)) && server.sellerOf(token)) || 0
    apiRequests.set(sellerId, (apiRequests.get(sellerId) ?? 0) + 1)
    const [status, body] = sellerId ? look(pathname, sellerId) : EXPIRED
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  /** A seller sees their own. */
  function look(path: string, sellerId: number): [number, object] {
    if (path === '/users/me') return [200, { id: sellerId }]
    const own = [...payments.values()].filter(({ collector_id }) => collector_id === sellerId)
    if (path === '/v1/payments/search') return [200, { results: own, paging: { total: own.length, limit: 30, offset: 0 } }]
    const payment = own.find(({ id }) => path === `/v1/payments/${id}`)
    return payment ? [200, payment] : [404, { message: 'Payment not found', error: 'not_found', status: 404, cause: [] }]
  }

  const site: MercadoPagoSite = Object.assign(Object.create(server), {
    apiRequests,
    webhook: undefined,
    async pay(sellerId: number, amount = 10) {
      const id = 1_000_001 + payments.size
      payments.set(id, { id, collector_id: sellerId, status: 'approved', transaction_amount: amount })
      return { id, answered: await site.notify('payment', 'payment.created', sellerId, String(id)) }
    },
    async leave(sellerId: number) {
      await server.disconnect(sellerId)
      return site.notify('mp-connect', 'application.deauthorized', sellerId, server.clientId)
    },
    async notify(type: string, action: string, user_id: number, id: string) {
      if (!site.webhook) return 0
      const url = new URL(site.webhook.url)
      url.search = new URLSearchParams({ 'data.id': id, type }).toString()
      const requestId = randomUUID()
      const ts = Math.floor(Date.now() / 1000)
      const v1 = createHmac('sha256', site.webhook.secret).update(`id:${id.toLowerCase()};request-id:${requestId};ts:${ts};`).digest('hex')
      const headers = { 'content-type': 'application/json', 'x-request-id': requestId, 'x-signature': `ts=${ts},v1=${v1}` }
      const body = JSON.stringify({ id: Date.now(), type, action, user_id, data: { id }, api_version: 'v1', live_mode: true })
      return (await fetch(url, { method: 'POST', headers, body })).status
    },
  })
  return site
}

const EXPIRED: [number, object] = [401, { message: 'invalid_token', error: 'not_found', status: 401, cause: [] }]
