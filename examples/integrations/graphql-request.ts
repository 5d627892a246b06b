// GraphQL: `graphql-request` takes a fetch. Many servers say no with status 200 and an error in the body: `shouldRefresh` looks there.
// Run it with `npx tsx examples/integrations/graphql-request.ts`; it needs no network.
import assert from 'node:assert/strict'
import { createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { GraphQLClient, gql } from 'graphql-request'
import { startAuthorizationServer } from '../servers/authorization-server.ts'
import { startGraphqlApi } from '../servers/graphql-api.ts'
import { unauthenticated } from './parts/unauthenticated.ts'

const auth = await startAuthorizationServer()
const [strict, lenient] = await Promise.all([
  startGraphqlApi({ accepts: auth.accepts }),
  startGraphqlApi({ accepts: auth.accepts, refusesWith: 'UNAUTHENTICATED' }),
])
const PAYMENT = gql`query ($id: ID!) { payment(id: $id) { id status } }`
const PAY = gql`mutation ($amount: Int!) { pay(amount: $amount) { status } }`

try {
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  await session.signIn(await auth.authorize('maria'))
  const expire = async () => auth.expire((await session.getTokens()).accessToken)

  // A server that answers 401.
  const client = new GraphQLClient(strict.url, { fetch: authFetch(session, { origins: [new URL(strict.url).origin] }) })
  await expire()
  const answers = await Promise.all(['1', '2', '3'].map((id) => client.request<{ payment: { id: string } }>(PAYMENT, { id })))
  console.log(
    `401 for three queries: payments ${answers.map(({ payment }) => payment.id).join(' ')}, ${auth.counters.tokenRequests} token request`,
  )
  assert.deepEqual([strict.counters.unauthorized, auth.counters.tokenRequests], [3, 1])

  // A server that answers 200 with `errors[].extensions.code: 'UNAUTHENTICATED'`.
  const fetch = authFetch(session, { origins: [new URL(lenient.url).origin], shouldRefresh: unauthenticated })
  const other = new GraphQLClient(lenient.url, { fetch })
  await expire()
  const [query, mutation] = await Promise.all([
    other.request<{ payment: { status: string } }>(PAYMENT, { id: '1' }),
    other.request<{ pay: { status: string } }>(PAY, { amount: 10 }),
  ])
  const statuses = `${query.payment.status} ${mutation.pay.status}`
  console.log(`UNAUTHENTICATED for a query and a mutation: ${statuses}, ${auth.counters.tokenRequests - 1} token request`)
  assert.deepEqual([lenient.counters.unauthorized, auth.counters.tokenRequests], [2, 2])

  // Without authFetch: the current token for every request, but nothing when the server refuses it.
  const plain = new GraphQLClient(strict.url, {
    requestMiddleware: async (request) => {
      const headers = new Headers(request.headers)
      headers.set('Authorization', `Bearer ${(await session.getTokens()).accessToken}`)
      return { ...request, headers }
    },
  })
  const { payment } = await plain.request<{ payment: { status: string } }>(PAYMENT, { id: '4' })
  await expire()
  const error = await plain.request(PAYMENT, { id: '5' }).catch((error) => error)
  console.log(`by requestMiddleware: ${payment.status}, and with an expired token ${error.response.status}`)
  assert.equal(error.response.status, 401)
} finally {
  await Promise.all([strict.close(), lenient.close(), auth.close()])
}
