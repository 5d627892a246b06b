// The back end of a marketplace: sellers connect their Mercado Pago account, and it acts for them.
//
//   DATABASE_URL=postgres://... npx tsx server.ts      (against look-alike.ts; README.md says how against Mercado Pago)
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { AuthError, SessionEndedError, SignedOutError } from 'axios-renew'
import { readConfig } from './config.ts'
import { finishConnecting, NotConnectedError, startConnecting } from './connect.ts'
import { openMarket } from './market.ts'
import { handleNotification, isSigned } from './notifications.ts'

const config = readConfig()
const market = openMarket(config)
const secure = config.redirectUrl.startsWith('https:') ? '; Secure' : ''

/** An answer that is not 200. */
class Refusal extends Error {
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
    signedIn(request)
    const { url, kept } = startConnecting(config)
    const cookie = `connecting=${kept}; Path=/callback; HttpOnly; SameSite=Lax; Max-Age=600${secure}`
    send(response, 302, {}, { location: url, 'set-cookie': cookie })
  } else if (at === 'GET /callback') {
    const owner = signedIn(request)
    const connected = await finishConnecting(config, market.pool, searchParams, cookieOf(request, 'connecting'))
    await market.connected(connected, owner)
    send(response, 200, { connected }, { 'set-cookie': `connecting=; Path=/callback; HttpOnly; Max-Age=0${secure}` })
  } else if (seller) {
    const { rows } = await market.database.query('SELECT 1 FROM sellers WHERE id = $1 AND owner = $2', [seller, signedIn(request)])
    if (rows.length === 0) throw new Refusal(404, 'no such seller of yours')
    const { data } = await market.api.get('/v1/payments/search', { renew: { account: seller } })
    send(response, 200, data.results)
  } else if (at === 'POST /notifications') {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const dataId = searchParams.get('data.id') ?? ''
    if (!isSigned(request.headers, dataId, config.webhookSecret)) throw new Refusal(401, 'not signed')
    await handleNotification(market, dataId, JSON.parse(Buffer.concat(chunks).toString()))
    send(response, 200, {})
  } else throw new Refusal(404, 'not found')
}

/** What went wrong, without a token or a secret. */
function fail(response: ServerResponse, error: Error): void {
  console.error(`${error.name}: ${error.message}`)
  if (error instanceof SessionEndedError || error instanceof SignedOutError)
    send(response, 409, { message: 'connect your Mercado Pago account', connect: '/connect' })
  else if (error instanceof AuthError) send(response, 503, { message: 'try again in a minute' }, { 'retry-after': 60 })
  else if (error instanceof Refusal || error instanceof NotConnectedError) send(response, error.status, { message: error.message })
  else send(response, 502, { message: 'Mercado Pago did not answer as expected' })
}

const server = createServer((request, response) => {
  route(request, response).catch((error) => fail(response, error))
})
server.listen(config.port, () => console.log(`http://127.0.0.1:${config.port}/connect`))
process.once('SIGTERM', () => server.close(() => market.close()))
