// The same without axios: `authFetch` is a `fetch` that knows the session.
// Run it with `npx tsx examples/fetch.ts`; it needs no network.
import assert from 'node:assert/strict'
import { createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { startAuthorizationServer } from './servers/authorization-server.ts'
import { startPaymentsApi } from './servers/payments-api.ts'

const auth = await startAuthorizationServer()
const payments = await startPaymentsApi({ accepts: auth.accepts })
try {
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  const api = authFetch(session, { origins: [payments.url] })

  const tokens = await auth.authorize('maria')
  await session.signIn(tokens)
  await auth.expire(tokens.access_token)

  // Bodies are replayed too: here every request is a POST.
  const pay = (amount: number) => api(`${payments.url}/v1/payments/${amount}`, { method: 'POST', body: JSON.stringify({ amount }) })
  const answers = await Promise.all([10, 20, 30, 40, 50].map(pay))
  const statuses = answers.map(({ status }) => status)
  console.log(`five POSTs with an expired token: ${statuses.join(' ')}, ${auth.counters.tokenRequests} token request`)
  assert.deepEqual(statuses, [200, 200, 200, 200, 200])
  assert.equal(auth.counters.tokenRequests, 1)
} finally {
  await payments.close()
  await auth.close()
}
