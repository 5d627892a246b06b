import { RefreshFailedError, SessionEndedError } from 'axios-renew'
import createClient, { type Middleware } from 'openapi-fetch'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../support/session-kit.ts'
import { type Answer, ONE_REFRESH, type Scene, setScene, times } from './support/scene.ts'

/** As `openapi-typescript` writes it for a small API. */
interface Paths {
  '/payments/{id}': {
    get: {
      parameters: { path: { id: number } }
      responses: { 200: { content: { 'application/json': { id: number } } }; 404: { content: { 'application/json': { message: string } } } }
    }
  }
  '/payments': {
    post: {
      requestBody: { content: { 'application/json': { title: string; amount: number } } }
      responses: { 201: { content: { 'application/json': { echoed: string } } } }
    }
  }
}

const api: Answer = ({ method, url }, response, body) => {
  const json = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (method === 'POST') return json(201, { echoed: body })
  const id = Number(url?.split('/').pop())
  return id < 1000 ? json(200, { id }) : json(404, { message: 'no such payment' })
}

const connect = ({ url, fetch }: Scene) => createClient<Paths>({ baseUrl: url, fetch })
const payment = { title: 'Grüße', amount: 10 }

test('100 requests at once with an expired token are one token request', async () => {
  const scene = await setScene(api)
  const client = connect(scene)
  const answers = await Promise.all(times(100, (id) => client.GET('/payments/{id}', { params: { path: { id } } })))
  expect(answers.map(({ data }) => data?.id)).toEqual(times(100, (i) => i))
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
  expect(scene.count(200)).toBe(100)
})

test('a body is sent again as it was', async () => {
  const scene = await setScene(api)
  const { data, response } = await connect(scene).POST('/payments', { body: payment })
  expect(response.status).toBe(201)
  expect(data).toEqual({ echoed: JSON.stringify(payment) })
  const [first, second] = scene.seen
  expect(scene.seen.map(({ status }) => status)).toEqual([401, 201])
  expect(second?.body).toBe(first?.body)
  for (const name of ['content-type', 'content-length']) expect(second?.headers[name]).toBe(first?.headers[name])
  expect(second?.headers['content-length']).toBe(String(Buffer.byteLength(second?.body ?? '')))
})

describe('errors', () => {
  test('of the session reject as they are, and do not come as `error`; more requests are no more token requests', async () => {
    const scene = await setScene(api, { start: 'revoked' })
    const client = connect(scene)
    for (const call of [
      () => client.POST('/payments', { body: payment }),
      () => client.GET('/payments/{id}', { params: { path: { id: 1 } } }),
    ]) {
      const error = await rejection(call())
      expect(error).toBeInstanceOf(SessionEndedError)
      expect(error).toMatchObject({ response: { status: 401 } })
    }
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('of a refresh reject as they are', async () => {
    const scene = await setScene(api)
    scene.tokenEndpoint.down = true
    const error = await rejection(connect(scene).POST('/payments', { body: payment }))
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(scene.count(401)).toBe(1)
  })

  test('of the API come as `error`, as always', async () => {
    const scene = await setScene(api)
    const { error, response } = await connect(scene).GET('/payments/{id}', { params: { path: { id: 1000 } } })
    expect([response.status, error]).toEqual([404, { message: 'no such payment' }])
  })
})

test('a signal ends the wait for tokens with its reason; the refresh serves the next', async () => {
  const scene = await setScene(api)
  scene.tokenEndpoint.hold()
  const controller = new AbortController()
  const client = connect(scene)
  const left = rejection(client.POST('/payments', { body: payment, signal: controller.signal }))
  await scene.tokenEndpoint.requested
  controller.abort(new Error('the user left'))
  expect((await left).message).toBe('the user left')
  scene.tokenEndpoint.release()
  expect((await client.POST('/payments', { body: payment })).response.status).toBe(201)
  expect(scene.seen.map(({ status }) => status)).toEqual([401, 201])
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
})

describe('beside middleware', () => {
  test('onRequest and onResponse run once, and see neither the refused response nor the token', async () => {
    const scene = await setScene(api)
    const heard: unknown[] = []
    const middleware: Middleware = {
      onRequest: ({ request }) => {
        heard.push('onRequest')
        request.headers.set('x-request-id', '7')
      },
      onResponse: ({ request, response }) => void heard.push(['onResponse', response.status, request.headers.get('authorization')]),
    }
    const client = connect(scene)
    client.use(middleware)
    await client.POST('/payments', { body: payment })
    expect(heard).toEqual(['onRequest', ['onResponse', 201, null]])
    expect(scene.seen.map(({ headers }) => headers['x-request-id'])).toEqual(['7', '7'])
  })

  test('a Request that middleware makes is replayed as well', async () => {
    const scene = await setScene(api)
    const client = connect(scene)
    client.use({ onRequest: ({ request }) => new Request(request, { body: '{"amount":11}', headers: { 'content-type': 'text/plain' } }) })
    await client.POST('/payments', { body: payment })
    const sent = scene.seen.map(({ status, body, headers }) => [status, body, headers['content-type'], headers['content-length']])
    expect(sent).toEqual([401, 201].map((status) => [status, '{"amount":11}', 'text/plain', '13']))
  })

  test('onError may answer the end of the session by a response', async () => {
    const scene = await setScene(api, { start: 'revoked' })
    const client = connect(scene)
    client.use({
      onError: ({ error }) =>
        error instanceof SessionEndedError ? Response.json({ message: 'sign in again' }, { status: 401 }) : undefined,
    })
    const { error, response } = await client.GET('/payments/{id}', { params: { path: { id: 1 } } })
    expect([response.status, error]).toEqual([401, { message: 'sign in again' }])
  })

  test('a request that middleware gives a token of its own keeps it', async () => {
    const scene = await setScene(api)
    const client = connect(scene)
    client.use({ onRequest: ({ request }) => void request.headers.set('authorization', 'Bearer mine') })
    const { response } = await client.GET('/payments/{id}', { params: { path: { id: 1 } } })
    expect([response.status, scene.seen[0]?.headers.authorization]).toEqual([401, 'Bearer mine'])
    expect(scene.tokenEndpoint.requests).toBe(0)
  })
})
