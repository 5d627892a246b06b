import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSession, type Session } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { MercadoPagoConfig, MPAuthenticationError, OAuth, Payment } from 'mercadopago'
import { expect, onTestFinished, test } from 'vitest'
import { leadToLoopback } from '../../examples/integrations/parts/lead-to-loopback.ts'
import { withFreshToken } from '../../examples/integrations/parts/with-fresh-token.ts'
import { close, listen, readText } from '../../examples/servers/listen.ts'
import { type MercadoPagoServer, startMercadoPago } from '../../examples/servers/mercado-pago.ts'
import { gate } from './integrations-scene.ts'

const SELLER = 4711

/** An answer of the payments API. */
type Answer = [status: number, body: object]

const OK: Answer = [200, { id: 1, status: 'approved' }]
const EXPIRED: Answer = [401, { message: 'invalid_token', error: 'not_found', status: 401, cause: [] }]

/** What the payments API saw of a request. Tokens and keys are told apart by number only. */
interface Seen {
  token: number
  key: string | undefined
}

/** Mercado Pago, the SDK's requests led there, and a seller's session. Answers come in this order, the last for ever. */
async function startShop(...answers: [Answer | Promise<Answer>, ...(Answer | Promise<Answer>)[]]) {
  const auth = await startMercadoPago()
  const seen: Seen[] = []
  const tokens: string[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '', 'x-idempotency-key': key } = request.headers
    if (!tokens.includes(authorization)) tokens.push(authorization)
    seen.push({ token: tokens.indexOf(authorization) + 1, key: key === undefined ? undefined : String(key) })
    const [status, body] = await (answers.length > 1 ? (answers.shift() ?? OK) : answers[0])
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const restore = leadToLoopback({ '/v1/payments': await listen(server) })
  onTestFinished(async () => {
    restore()
    await close(server)
    await auth.close()
  })
  const { clientId, clientSecret, tokenEndpoint } = auth
  const session = createSession({ ...mercadoPago({ clientId, clientSecret, tokenEndpoint }), account: SELLER })
  const exchanged = await auth.authorize(SELLER)
  await session.signIn(exchanged)
  return { auth, session, exchanged, seen }
}

const get = (session: Session) => withFreshToken(session, (config) => new Payment(config).get({ id: 1 }))

test.each([
  { what: 'cause 7', body: { message: 'Unauthorized use of live credentials', status: 401, cause: [{ code: 7 }] } },
  { what: 'cause 5', body: { message: 'Must provide your access_token', status: 401, cause: [{ code: '5' }] } },
])('a 401 about the set-up ($what) costs no token request', async ({ body }) => {
  const { auth, session, seen } = await startShop([401, body])
  await expect(get(session)).rejects.toBeInstanceOf(MPAuthenticationError)
  expect(seen).toHaveLength(1)
  expect(auth.counters.tokenRequests).toBe(0)
})

test('refused again with the fresh token: the caller gets the error of the SDK, after two requests and one token request', async () => {
  const { auth, session, seen } = await startShop(EXPIRED)
  await expect(get(session)).rejects.toMatchObject({ status: 401, error: 'not_found' })
  expect(seen.map(({ token }) => token)).toEqual([1, 2])
  expect(auth.counters.tokenRequests).toBe(1)
})

test('a 401 that comes late, when another call has refreshed, costs no token request', async () => {
  const refreshed = gate()
  const { auth, session, seen } = await startShop(
    EXPIRED,
    refreshed.passed.then(() => EXPIRED),
    OK,
  )
  const first = get(session).then(refreshed.open)
  await Promise.all([first, get(session)])
  expect(seen.map(({ token }) => token)).toEqual([1, 1, 2, 2])
  expect(auth.counters.tokenRequests).toBe(1)
})

test('the end of the session is what the caller gets, and not the 401', async () => {
  const { auth, session, exchanged } = await startShop(EXPIRED)
  // Somebody else has spent the refresh token, and once more.
  const { clientId: client_id, clientSecret: client_secret, tokenEndpoint } = auth
  const body = JSON.stringify({ grant_type: 'refresh_token', client_id, client_secret, refresh_token: exchanged.refresh_token })
  await fetch(tokenEndpoint, { method: 'POST', body })
  await expect(get(session)).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
})

test('the SDK tries again after 503, with the same token and the same key, and never after 401', async () => {
  const { auth, session, seen } = await startShop([503, {}], EXPIRED, OK)
  const create = (config: MercadoPagoConfig) =>
    new Payment(config).create({ body: { transaction_amount: 10 }, requestOptions: { idempotencyKey: 'order-1', initialDelay: 1 } })
  expect(await withFreshToken(session, create)).toMatchObject({ status: 'approved' })
  expect(seen).toEqual([
    { token: 1, key: 'order-1' },
    { token: 1, key: 'order-1' },
    { token: 2, key: 'order-1' },
  ])
  expect(auth.counters.tokenRequests).toBe(1)
})

test('a client of the SDK that is kept uses the key of one payment for the next; with one for each call none does', async () => {
  const { session, seen } = await startShop(OK)
  const kept = new Payment(new MercadoPagoConfig({ accessToken: (await session.getTokens()).accessToken }))
  await kept.create({ body: { transaction_amount: 10 }, requestOptions: { idempotencyKey: 'order-1' } })
  await kept.create({ body: { transaction_amount: 20 } })
  expect(seen.map(({ key }) => key)).toEqual(['order-1', 'order-1'])

  await withFreshToken(session, (config) => new Payment(config).create({ body: {}, requestOptions: { idempotencyKey: 'order-3' } }))
  await withFreshToken(session, (config) => new Payment(config).create({ body: {} }))
  expect(seen[2]?.key).toBe('order-3')
  expect(seen[3]?.key).not.toBe('order-3')
})

/** Starts a proxy before the token endpoint: what is asked is carried out, and the first answer is lost. */
async function startLossyProxy({ tokenEndpoint }: MercadoPagoServer): Promise<string> {
  let lost = false
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answered = await fetch(tokenEndpoint, { method: 'POST', body: await readText(request) })
    const text = await answered.text()
    if (lost) return void response.writeHead(answered.status, { 'content-type': 'application/json' }).end(text)
    lost = true
    request.socket.destroy()
  }
  const server = createServer((request, response) => {
    pass(request, response).catch((error) => response.destroy(error))
  })
  onTestFinished(() => close(server))
  return listen(server)
}

test("the SDK's own OAuth.refresh sends a single-use token again when the answer is lost: the grant is revoked", async () => {
  const { auth, exchanged } = await startShop(OK)
  onTestFinished(leadToLoopback({ '/oauth/token': await startLossyProxy(auth) }))
  const { clientId: client_id, clientSecret: client_secret } = auth
  const oauth = new OAuth(new MercadoPagoConfig({ accessToken: exchanged.access_token, options: { initialDelay: 1 } }))
  const body = { client_id, client_secret, refresh_token: exchanged.refresh_token }
  await expect(oauth.refresh({ body })).rejects.toMatchObject({ error: 'invalid_grant' })
  expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  expect(await auth.grantAlive(String(SELLER))).toBe(false)
})

test('a session sends it once when the answer is lost, and says so: the grant lives', async () => {
  const { auth, exchanged } = await startShop(OK)
  const { clientId, clientSecret } = auth
  const tokenEndpoint = `${await startLossyProxy(auth)}/oauth/token`
  const session = createSession(mercadoPago({ clientId, clientSecret, tokenEndpoint }))
  await session.signIn(exchanged)
  await expect(session.refresh()).rejects.toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
  expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0, grantsRevoked: 0 })
  expect(await auth.grantAlive(String(SELLER))).toBe(true)
})
