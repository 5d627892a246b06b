import { createServer } from 'node:http'
import { authFetch } from 'axios-renew/fetch'
import { ClientError, GraphQLClient, gql } from 'graphql-request'
import { expect, onTestFinished, test } from 'vitest'
import { unauthenticated } from '../../examples/integrations/parts/unauthenticated.ts'
import { type GraphqlApiOptions, startGraphqlApi } from '../../examples/servers/graphql-api.ts'
import { close, listen } from '../../examples/servers/listen.ts'
import { gate, startScene } from './integrations-scene.ts'

const PAYMENT = gql`query ($id: ID!) { payment(id: $id) { id status } }`

async function startApi(options: GraphqlApiOptions) {
  const api = await startGraphqlApi(options)
  onTestFinished(() => api.close())
  return { ...api, origins: [new URL(api.url).origin] }
}

/** Starts a server that answers everything with 200 and this body; gives the number of requests. */
async function startScripted(body: object) {
  const counters = { requests: 0 }
  const server = createServer((_, response) => {
    counters.requests++
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const url = await listen(server)
  onTestFinished(() => close(server))
  return { url, counters, origins: [url] }
}

test('50 answers of 200 with UNAUTHENTICATED make one token request', async () => {
  const { auth, session, expire } = await startScene()
  const { url, counters, origins } = await startApi({ accepts: auth.accepts, refusesWith: 'UNAUTHENTICATED' })
  const client = new GraphQLClient(url, { fetch: authFetch(session, { origins, shouldRefresh: unauthenticated }) })
  await expire()
  const answers = await Promise.all(Array.from({ length: 50 }, (_, id) => client.request(PAYMENT, { id })))
  expect(answers).toEqual(Array.from({ length: 50 }, (_, id) => ({ payment: { id: String(id), status: 'approved' } })))
  expect(counters).toEqual({ requests: 100, unauthorized: 50 })
  expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
})

test.each([
  { what: 'that was carried out in part', body: { data: { first: { id: '1' }, second: null }, errors: [refusal('UNAUTHENTICATED')] } },
  { what: 'that failed for another reason', body: { data: null, errors: [refusal('FORBIDDEN')] } },
  { what: 'with errors of odd shapes', body: { data: null, errors: [null, 'no', {}] } },
])('an answer $what is not asked for again', async ({ body }) => {
  const { auth, session } = await startScene()
  const { url, counters, origins } = await startScripted(body)
  const client = new GraphQLClient(url, { fetch: authFetch(session, { origins, shouldRefresh: unauthenticated }) })
  await expect(client.request(gql`mutation { first: pay(amount: 1) { id } second: pay(amount: 2) { id } }`)).rejects.toBeInstanceOf(
    ClientError,
  )
  expect(counters.requests).toBe(1)
  expect(auth.counters.tokenRequests).toBe(0)
})

function refusal(code: string) {
  return { message: 'no', extensions: { code } }
}

test('a signal ends the wait for a refresh', async () => {
  const asked = gate()
  const { auth, session, expire } = await startScene({
    refresh: () => {
      asked.open()
      return new Promise(() => {})
    },
  })
  const { url, counters, origins } = await startApi({ accepts: auth.accepts })
  const client = new GraphQLClient(url, { fetch: authFetch(session, { origins }) })
  await expire()
  const leave = new AbortController()
  const request = client.request({ document: PAYMENT, variables: { id: '1' }, signal: leave.signal })
  await asked.passed
  const reason = new Error('the page is left')
  leave.abort(reason)
  await expect(request).rejects.toBe(reason)
  expect(counters).toEqual({ requests: 1, unauthorized: 1 })
})

test('graphql-request knows no async `headers`: no token is sent', async () => {
  const { auth, session } = await startScene()
  const { url, counters } = await startApi({ accepts: auth.accepts })
  const headers = async () => ({ Authorization: `Bearer ${(await session.getTokens()).accessToken}` })
  const client = new GraphQLClient(url, { headers: headers as unknown as () => Record<string, string> })
  // With some versions of Node it is an error about headers, with others the request goes out without any.
  await expect(client.request(PAYMENT, { id: '1' })).rejects.toThrow()
  expect(counters.requests).toBe(counters.unauthorized)
})
