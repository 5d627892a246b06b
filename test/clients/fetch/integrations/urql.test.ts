import { type AnyVariables, Client, type ClientOptions, CombinedError, cacheExchange, fetchExchange, gql, mapExchange } from '@urql/core'
import { RefreshFailedError, SessionEndedError } from 'axios-renew'
import { buildSchema, graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { ONE_REFRESH, type Scene, type SceneOptions, setScene, times } from './support/scene.ts'

const schema = buildSchema(`
  type Payment { id: ID! title: String amount: Int }
  type Query { payment(id: ID!): Payment }
  type Mutation { pay(title: String!, amount: Int!): Payment refuse: Payment }
`)
const rootValue = {
  payment: ({ id }: { id: string }) => ({ id, title: 'ticket' }),
  pay: ({ title, amount }: { title: string; amount: number }) => ({ id: '1', title, amount }),
  refuse: () => {
    throw new Error('too little')
  },
}
const PAYMENT = gql`query ($id: ID!) { payment(id: $id) { id title } }`
const PAY = gql`mutation ($title: String!, $amount: Int!) { pay(title: $title, amount: $amount) { id title amount } }`
const payment = { title: 'Grüße', amount: 10 }

/** A GraphQL server behind the API's guard. */
function setGraphqlScene(options?: SceneOptions): Promise<Scene> {
  return setScene(async ({ url = '' }, response, body) => {
    const query = Object.fromEntries(new URL(url, 'http://localhost').searchParams)
    const { query: source, variables } = body ? JSON.parse(body) : { ...query, variables: JSON.parse(query.variables ?? '{}') }
    const result = await graphql({ schema, rootValue, source, variableValues: variables })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
  }, options)
}

const connect = ({ url, fetch }: Scene, options: Partial<ClientOptions> = {}) =>
  new Client({ url: `${url}/graphql`, fetch, exchanges: [fetchExchange], preferGetMethod: false, ...options })

const pay = (client: Client, variables: AnyVariables = payment) => client.mutation(PAY, variables).toPromise()

test('100 queries at once with an expired token are one token request', async () => {
  const scene = await setGraphqlScene()
  const client = connect(scene)
  const answers = await Promise.all(times(100, (i) => client.query(PAYMENT, { id: `${i}` }).toPromise()))
  expect(answers.map(({ data }) => data?.payment.id)).toEqual(times(100, String))
  expect(answers.filter(({ error }) => error)).toEqual([])
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
  expect(scene.count(200)).toBe(100)
})

describe('sends again as it was', () => {
  test('a mutation', async () => {
    const scene = await setGraphqlScene()
    expect((await pay(connect(scene))).data?.pay).toMatchObject(payment)
    const [first, second] = scene.seen
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
    expect(JSON.parse(String(second?.body)).variables).toEqual(payment)
    expect(second?.body).toBe(first?.body)
    for (const name of ['content-type', 'content-length', 'accept']) expect(second?.headers[name]).toBe(first?.headers[name])
  })

  test('a query by GET', async () => {
    const scene = await setGraphqlScene()
    const { data } = await connect(scene, { preferGetMethod: 'force' }).query(PAYMENT, { id: 'ü' }).toPromise()
    expect(data?.payment.id).toBe('ü')
    expect(scene.seen.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 401],
      ['GET', 200],
    ])
    expect(scene.seen[1]?.url).toBe(scene.seen[0]?.url)
  })
})

describe('errors are told in the result, as a CombinedError', () => {
  test('the end of the session is its networkError; more operations are no more token requests', async () => {
    const scene = await setGraphqlScene({ start: 'revoked' })
    const client = connect(scene)
    for (const { data, error } of [await pay(client), await client.query(PAYMENT, { id: '1' }).toPromise(), await pay(client)]) {
      expect(data).toBeUndefined()
      expect(error).toBeInstanceOf(CombinedError)
      expect(error?.networkError).toBeInstanceOf(SessionEndedError)
      expect(error?.networkError).toMatchObject({ response: { status: 401 } })
    }
    expect(scene.seen).toHaveLength(3)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('a refresh that failed is its networkError', async () => {
    const scene = await setGraphqlScene()
    scene.tokenEndpoint.down = true
    const { error } = await pay(connect(scene))
    expect(error?.networkError).toBeInstanceOf(RefreshFailedError)
    expect(error?.response).toBeUndefined()
    expect(scene.seen).toHaveLength(1)
  })

  test('errors of the schema are its graphQLErrors, as always, and show no token', async () => {
    const scene = await setGraphqlScene()
    const { error } = await connect(scene).mutation(gql`mutation { refuse { id } }`, {}).toPromise()
    expect([error?.networkError, error?.graphQLErrors.map(({ message }) => message)]).toEqual([undefined, ['too little']])
    expect(await scene.showsToken(error)).toBe(false)
  })
})

describe('leaving while the session waits for tokens', () => {
  test('whoever unsubscribes ends the wait, and the query is never sent; urql itself keeps mutations going', async () => {
    const scene = await setGraphqlScene({ start: 'without access token' })
    scene.tokenEndpoint.hold()
    const client = connect(scene)
    const results: unknown[] = []
    const subscriptions = [client.query(PAYMENT, { id: '1' }), client.mutation(PAY, payment)].map((source) =>
      source.subscribe((result) => results.push(result)),
    )
    await scene.tokenEndpoint.requested
    for (const { unsubscribe } of subscriptions) unsubscribe()
    scene.tokenEndpoint.release()
    await scene.session.getTokens()
    expect((await client.query(PAYMENT, { id: '2' }).toPromise()).error).toBeUndefined()
    await expect.poll(() => scene.seen.length).toBe(2)
    expect(results).toEqual([])
    expect(scene.seen.map(({ body }) => JSON.parse(body).variables).sort((a) => (a.id ? 1 : -1))).toEqual([payment, { id: '2' }])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('a timeout in a fetch of your own around it is the networkError', async () => {
    const scene = await setGraphqlScene({ start: 'without access token' })
    scene.tokenEndpoint.hold()
    const impatient: typeof fetch = (input, init) =>
      scene.fetch(input, { ...init, signal: AbortSignal.any([AbortSignal.timeout(50), ...(init?.signal ? [init.signal] : [])]) })
    const { error } = await pay(connect(scene, { fetch: impatient }))
    expect(error?.networkError).toMatchObject({ name: 'TimeoutError' })
    scene.tokenEndpoint.release()
    expect((await pay(connect(scene))).error).toBeUndefined()
    expect(scene.seen).toHaveLength(1)
  })
})

describe('beside exchanges', () => {
  test('the cache answers a second query; the replay was no second result', async () => {
    const scene = await setGraphqlScene()
    const results: unknown[] = []
    const client = connect(scene, {
      exchanges: [cacheExchange, mapExchange({ onResult: ({ data, error }) => void results.push([data, error]) }), fetchExchange],
    })
    for (const _ of [1, 2]) expect((await client.query(PAYMENT, { id: '1' }).toPromise()).data?.payment.id).toBe('1')
    expect(results).toEqual([[{ payment: expect.objectContaining({ id: '1' }) }, undefined]])
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
  })

  test('mapExchange hears of the end of the session', async () => {
    const scene = await setGraphqlScene({ start: 'revoked' })
    const heard: unknown[] = []
    const client = connect(scene, {
      exchanges: [mapExchange({ onError: ({ networkError }) => void heard.push(networkError) }), fetchExchange],
    })
    await pay(client)
    expect(heard).toEqual([expect.any(SessionEndedError)])
  })

  test('fetchOptions arrive on the replay, too', async () => {
    const scene = await setGraphqlScene()
    await pay(connect(scene, { fetchOptions: () => ({ headers: { 'x-request-id': '7' } }) }))
    expect(scene.seen.map(({ headers }) => headers['x-request-id'])).toEqual(['7', '7'])
  })
})
