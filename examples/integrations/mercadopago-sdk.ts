// Mercado Pago's own SDK: it knows nothing of refreshing, so give it the current token for each call.
// Run it with `npx tsx examples/integrations/mercadopago-sdk.ts`; it needs no network.
import assert from 'node:assert/strict'
import { createSession } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { Payment } from 'mercadopago'
import { startMercadoPago } from '../servers/mercado-pago.ts'
import { startPaymentsApi } from '../servers/payments-api.ts'
import { leadToLoopback } from './parts/lead-to-loopback.ts'
import { withFreshToken } from './parts/with-fresh-token.ts'

const SELLER = 4711
const auth = await startMercadoPago()
const server = await startPaymentsApi({ accepts: auth.accepts })
const restore = leadToLoopback({ '/v1/payments': server.url })
try {
  const { clientId, clientSecret, tokenEndpoint } = auth
  const exchanged = await auth.authorize(SELLER)
  const session = createSession({
    ...mercadoPago({ clientId, clientSecret, tokenEndpoint }),
    account: SELLER,
    // Of a seller who was away for half a year.
    tokens: { ...exchanged, expires_in: undefined, expires_at: Date.now() - 1000 },
  })
  const payment = (id: number) => withFreshToken(session, (config) => new Payment(config).get({ id }))
  const five = async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(payment))
    return answers.filter(({ status }) => status === 'approved').length
  }

  // Known to have expired: the calls wait for the refresh, and none of them is refused.
  console.log(`five calls with an expired token: ${await five()} approved, ${auth.counters.tokenRequests} token request`)
  assert.deepEqual(server.counters, { requests: 5, ok: 5, unauthorized: 0 })
  assert.equal(auth.counters.tokenRequests, 1)

  // Refused in the middle: each call is made once more, with the token that one refresh brought.
  await auth.expire((await session.getTokens()).accessToken)
  console.log(`five calls that get 401: ${await five()} approved, ${auth.counters.tokenRequests - 1} token request`)
  assert.deepEqual(server.counters, { requests: 15, ok: 10, unauthorized: 5 })
  assert.equal(auth.counters.tokenRequests, 2)

  // With a key of your own a payment is made once, whatever is tried again: by the SDK after an outage, or here.
  const create = (orderId: string) =>
    withFreshToken(session, (config) =>
      new Payment(config).create({ body: { transaction_amount: 10 }, requestOptions: { idempotencyKey: orderId } }),
    )
  const made = await create('order-1')
  console.log(`a payment with a key of its own: ${made.status}`)
  assert.equal(made.status, 'approved')
  assert.ok(await auth.grantAlive(String(SELLER)))
} finally {
  restore()
  await Promise.all([server.close(), auth.close()])
}
