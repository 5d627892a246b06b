// A single-page app with a back end that holds the tokens, and what becomes of requests that another site forges.
// Run it with `npx tsx examples/csrf-safe/run.ts`; it needs no network.
import assert from 'node:assert/strict'
import { memoryStore, oauth2 } from 'axios-renew'
import { startAuthorizationServer } from '../servers/authorization-server.ts'
import { startPaymentsApi } from '../servers/payments-api.ts'
import { OUR_HEADER, startCsrfSafeBackEnd } from './back-end.ts'

const auth = await startAuthorizationServer()
const payments = await startPaymentsApi({ accepts: auth.accepts })
const { tokenEndpoint, clientId, clientSecret, revocationEndpoint } = auth
const pool = { ...oauth2({ tokenEndpoint, clientId, clientSecret, revocationEndpoint }), store: memoryStore() }
const backEnd = await startCsrfSafeBackEnd({ pool, apiUrl: payments.url })
const origin = `http://localhost:${backEnd.port}`

/** Stands for a browser: it adds the cookie whoever asks, as browsers do within a site, and tells the origin of the page. */
let cookie = ''
function ask(method: string, path: string, page: { origin: string; headers?: Record<string, string> }, body?: string): Promise<Response> {
  const headers = { ...page.headers, Cookie: cookie, ...(method !== 'GET' && { Origin: page.origin }) }
  return fetch(`http://127.0.0.1:${backEnd.port}${path}`, { method, headers, body })
}
const ours = { origin, headers: OUR_HEADER }
/** A form can send no header of its own; a script of another origin would have to ask first, and gets no permission. */
const evil = { origin: 'https://evil.example' }

try {
  const tokens = await auth.authorize('maria')
  const signedIn = await ask('POST', '/sign-in', ours, JSON.stringify(tokens))
  cookie = String(signedIn.headers.get('set-cookie')).split(';', 1).join()
  console.log(`signed in; the page holds ${cookie.split('=', 1)}, and no token`)

  await auth.expire(tokens.access_token)
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('GET', '/api/v1/payments/1', ours)))
  const fine = answers.filter(({ status }) => status === 200).length
  console.log(`token expired: ${fine} of 20 requests went through, ${auth.counters.tokenRequests} token request`)
  assert.deepEqual([fine, auth.counters.tokenRequests], [20, 1])

  const before = payments.counters.requests
  const forged = await ask('POST', '/api/v1/payments', evil, '{"amount":1000}')
  const fetched = await ask('GET', '/api/v1/payments/1', evil)
  const out = await ask('POST', '/sign-out', evil)
  console.log(
    `another site, with the cookie: ${forged.status} ${fetched.status} ${out.status}, requests passed on: ${payments.counters.requests - before}`,
  )
  assert.deepEqual([forged.status, fetched.status, out.status, payments.counters.requests - before], [403, 403, 403, 0])
  assert.equal((await ask('GET', '/api/v1/payments/1', ours)).status, 200)

  assert.equal((await ask('POST', '/sign-out', ours)).status, 204)
  console.log(
    `signed out: ${(await ask('GET', '/api/v1/payments/1', ours)).status}, the grant is ${(await auth.grantAlive('maria')) ? 'alive' : 'revoked'}`,
  )
  assert.equal(await auth.grantAlive('maria'), false)
} finally {
  await Promise.all([backEnd.close(), payments.close(), auth.close()])
}
