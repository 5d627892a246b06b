// An API that wants its token in a header of its own, as Shopify's does: `authorize` puts it there.
// Run it with `npx tsx examples/custom-header.ts`; it needs no network.
import assert from 'node:assert/strict'
import axios from 'axios'
import { attach, createSession, oauth2 } from 'axios-renew'
import { startAuthorizationServer } from './servers/authorization-server.ts'
import { startPaymentsApi } from './servers/payments-api.ts'

const HEADER = 'X-Shopify-Access-Token'
const auth = await startAuthorizationServer()
const orders = await startPaymentsApi({ accepts: auth.accepts, header: HEADER })
const elsewhere = await startPaymentsApi({ accepts: async (token) => token === '', header: HEADER })
try {
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  const api = axios.create({ baseURL: orders.url })
  attach(api, session, {
    // Called for every send, replays too, with the tokens of that send.
    authorize: ({ headers }, { accessToken }) => headers.set(HEADER, accessToken),
  })
  session.on('withheld', ({ reason }) => console.log(`no token for another ${reason}`))

  const tokens = await auth.authorize('shop')
  await session.signIn(tokens)
  await api.get('/orders/1')
  console.log(`accepted with ${HEADER}`)

  await auth.expire(tokens.access_token)
  const { status, config } = await api.get('/orders/2')
  console.log(`token expired: ${status} after ${auth.counters.tokenRequests} refresh and a replay`)
  assert.deepEqual([status, auth.counters.tokenRequests], [200, 1])
  assert.equal(config.headers.get(HEADER), undefined, 'what callers see holds no token, so logs do not either')

  // The other server says 200 only to requests without a token.
  assert.equal((await api.get(`${elsewhere.url}/orders/3`)).status, 200)
} finally {
  await Promise.all([orders.close(), elsewhere.close(), auth.close()])
}
