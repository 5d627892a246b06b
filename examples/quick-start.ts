// The smallest one: an OAuth server, an API, a session between them.
// Run it with `npx tsx examples/quick-start.ts`; it needs no network.
import assert from 'node:assert/strict'
import axios from 'axios'
import { attach, createSession, oauth2 } from 'axios-renew'
import { startAuthorizationServer } from './servers/authorization-server.ts'
import { startPaymentsApi } from './servers/payments-api.ts'

const auth = await startAuthorizationServer()
const payments = await startPaymentsApi({ accepts: auth.accepts })
try {
  // This is all there is to it.
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  const api = axios.create({ baseURL: payments.url })
  attach(api, session)

  // Once, with the answer to the sign-in:
  const tokens = await auth.authorize('maria')
  await session.signIn(tokens)

  const first = await api.get('/v1/payments/1')
  console.log('a payment with a fresh token:', first.data.status)

  await auth.expire(tokens.access_token)
  const answers = await Promise.all([2, 3, 4, 5, 6].map((id) => api.get(`/v1/payments/${id}`)))
  const approved = answers.filter(({ data }) => data.status === 'approved').length
  console.log(`five at once with an expired one: ${approved} approved, ${auth.counters.tokenRequests} token request`)

  assert.equal(approved, 5)
  assert.equal(auth.counters.tokenRequests, 1)
} finally {
  await payments.close()
  await auth.close()
}
