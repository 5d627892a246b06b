// The back end of a marketplace: sellers connect their Mercado Pago account, and it acts for them.
//
//   MP_LOOK_ALIKE=1 DATABASE_URL=postgres://... npx tsx server.ts      (against look-alike.ts; the guide says how against Mercado Pago)
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError, SessionEndedError, SignedOutError } from 'axios-renew'
import { readConfig } from './config.ts'
import { finishConnecting, NotConnectedError, startConnecting } from './connect.ts'
import { openMarket } from './market.ts'
import { handleNotification, isSigned, readNotification } from './notifications.ts'

const config = readConfig()
const market = openMarket(config)
const https = config.redirectUrl.startsWith('https:')
/** `__Host-`: no other host can set it, not even a subdomain. Plain http, as on your machine, cannot have that. */
const CONNECTING = https ? '__Host-connecting' : 'connecting'

/** An answer that is not 200. */
class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const cookies = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('='))
  return cookies.find(([key]) => key === name)?.[1]
}

function connecting(kept: string, seconds: number): string {
  return `${CONNECTING}=${kept}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${https ? '; Secure' : ''}`
}

/** The body of a request, up to 64 KiB. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > 65_536) throw new Refusal(413, 'too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Who is signed in to your marketplace: put your own sign-in here. With the look-alike it believes a cookie. */
function signedIn(request: IncomingMessage): string {
  const owner = config.lookAlike ? (cookieOf(request, 'user') ?? 'maria') : undefined
  if (!owner) throw new Refusal(401, 'sign in first')
  return owner
}

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const at = `${request.method} ${pathname}`
  const [, seller] = /^GET \/sellers\/(\d+)\/payments$/.exec(at) ?? []

  if (at === 'GET /connect') {
    const { url, kept } = startConnecting(config, signedIn(request))
    send(response, 302, {}, { location: url, 'set-cookie': connecting(kept, 600) })
  } else if (at === 'GET /callback') {
    response.setHeader('set-cookie', connecting('', 0)) // whatever comes of it
    const owner = signedIn(request)
    const connected = await finishConnecting(config, market.pool, owner, searchParams, cookieOf(request, CONNECTING))
    await market.connected(connected, owner)
    send(response, 200, { connected })
  } else if (seller) {
    const { rows } = await market.database.query('SELECT 1 FROM sellers WHERE id = $1 AND owner = $2', [seller, signedIn(request)])
    if (rows.length === 0) throw new Refusal(404, 'no such seller of yours')
    const { data } = await market.api.get('/v1/payments/search', { renew: { account: seller } })
    send(response, 200, data.results)
  } else if (at === 'POST /notifications') {
    const dataId = searchParams.get('data.id') ?? ''
    if (!isSigned(request.headers, dataId, config.webhookSecret)) throw new Refusal(401, 'not signed, or not now')
    const notification = readNotification(await bodyOf(request))
    if (!notification) throw new Refusal(400, 'not a notification')
    await handleNotification(market, dataId, notification)
    send(response, 200, {})
  } else throw new Refusal(404, 'not found')
}

/** What went wrong, without a token or a secret. */
function fail(response: ServerResponse, error: Error): void {
  console.error(`${error.name}: ${error.message}`)
  // What is left of the request is not read.
  if (!response.req.complete) response.setHeader('connection', 'close')
  if (error instanceof SessionEndedError || error instanceof SignedOutError)
    send(response, 409, { message: 'connect your Mercado Pago account', connect: '/connect' })
  else if (error instanceof AuthError) send(response, 503, { message: 'try again in a minute' }, { 'retry-after': 60 })
  else if (error instanceof Refusal || error instanceof NotConnectedError) send(response, error.status, { message: error.message })
  else send(response, 502, { message: 'Mercado Pago did not answer as expected' })
}

const server = createServer((request, response) => {
  route(request, response).catch((error) => fail(response, error))
})
server.listen(config.port, () => {
  const { port } = server.address() as AddressInfo
  console.log(`http://127.0.0.1:${port}/connect${config.lookAlike ? ' (look-alike: whoever asks is signed in)' : ''}`)
})
process.once('SIGTERM', () => server.close(() => market.close()))
