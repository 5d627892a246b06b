import { RefreshFailedError, SessionEndedError } from 'axios-renew'
import { createFetch, FetchError, type FetchOptions } from 'ofetch'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../support/session-kit.ts'
import { ONE_REFRESH, type Scene, setScene, times } from './support/scene.ts'

const connect = ({ url, fetch }: Scene, defaults: FetchOptions = {}) =>
  createFetch({ fetch, Headers, AbortController, defaults: { baseURL: url, ...defaults } })

test('100 requests at once with an expired token are one token request', async () => {
  const scene = await setScene()
  const api = connect(scene)
  const answers = await Promise.all(times(100, (i) => api<{ body: string }>('/payments', { method: 'POST', body: { i } })))
  expect(answers.map(({ body }) => JSON.parse(body).i)).toEqual(times(100, (i) => i))
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
  expect(scene.count(200)).toBe(100)
})

describe('a body is sent again as it was', () => {
  test('JSON', async () => {
    const scene = await setScene()
    await connect(scene)('/payments', { method: 'POST', body: { title: 'Grüße', amount: 10 } })
    const [first, second] = scene.seen
    expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
    expect(second?.body).toBe('{"title":"Grüße","amount":10}')
    expect(second?.body).toBe(first?.body)
    for (const name of ['content-type', 'content-length', 'accept']) expect(second?.headers[name]).toBe(first?.headers[name])
  })

  test('a form', async () => {
    const scene = await setScene()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await connect(scene)('/payments', { method: 'POST', body: { title: 'ü' }, headers })
    expect(scene.seen.map(({ status, body }) => [status, body])).toEqual([401, 200].map((status) => [status, 'title=%C3%BC']))
  })

  test('but not a stream: its 401 is a BodyNotReplayableError, the token is fresh, and ofetch does not send it again', async () => {
    const scene = await setScene()
    const upload = () => connect(scene)('/files', { method: 'PUT', body: new Blob(['content']).stream() })
    const error = await rejection(upload())
    expect(error).toBeInstanceOf(FetchError)
    expect(error.cause).toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE', response: { status: 401 } })
    expect(scene.seen.map(({ status }) => status)).toEqual([401])
    expect(await upload()).toEqual({ body: 'content' })
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })
})

describe('errors', () => {
  test('the end of the session is the cause of a FetchError; more requests are no more token requests', async () => {
    const scene = await setScene(undefined, { start: 'revoked' })
    const api = connect(scene)
    for (const call of times(3, () => () => api('/payments', { method: 'POST', body: {} }))) {
      const error = await rejection(call())
      expect(error).toBeInstanceOf(FetchError)
      expect(error.cause).toBeInstanceOf(SessionEndedError)
      // ofetch has got no response: what led here is with our own error.
      expect([error.status, Object(error.cause).response.status]).toEqual([undefined, 401])
    }
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('ofetch repeats a GET whose session has ended: the API hears of it, the token endpoint does not; `retry: 0` prevents it', async () => {
    const scene = await setScene(undefined, { start: 'revoked' })
    expect((await rejection(connect(scene)('/payments'))).cause).toBeInstanceOf(SessionEndedError)
    expect(scene.seen.map(({ headers }) => Boolean(headers.authorization))).toEqual([true, false])
    await rejection(connect(scene, { retry: 0 })('/payments'))
    expect(scene.seen).toHaveLength(3)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('a refresh that failed is the cause of a FetchError, too; a retry finds the server resting and does not ask again', async () => {
    const scene = await setScene()
    scene.tokenEndpoint.down = true
    const error = await rejection(connect(scene, { retry: 3 })('/payments'))
    expect(error.cause).toBeInstanceOf(RefreshFailedError)
    expect([error.status, Object(Object(error.cause).rejection).status]).toEqual([undefined, 401])
    expect(scene.count(401)).toBe(4)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('other statuses are FetchErrors as always, and show no token', async () => {
    const scene = await setScene((_request, response) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"message":"too little"}'),
    )
    const error = await rejection(connect(scene)('/payments', { method: 'POST', body: {} }))
    expect(error).toMatchObject({ status: 422, data: { message: 'too little' } })
    const { options } = error as unknown as FetchError
    expect(options).toBeDefined()
    expect(await scene.showsToken([error, options])).toBe(false)
  })
})

describe('leaving while the session waits for tokens', () => {
  test("ofetch's timeout ends the wait as a FetchError with a TimeoutError for its cause; the refresh serves the next", async () => {
    const scene = await setScene(undefined, { start: 'without access token' })
    scene.tokenEndpoint.hold()
    const error = await rejection(connect(scene)('/payments', { timeout: 50 }))
    expect(error).toBeInstanceOf(FetchError)
    expect(error.cause).toMatchObject({ name: 'TimeoutError' })
    await scene.tokenEndpoint.requested
    expect(scene.seen).toEqual([])
    scene.tokenEndpoint.release()
    await connect(scene)('/payments')
    expect(scene.seen).toHaveLength(1)
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('a signal ends the wait, and ofetch does not retry', async () => {
    const scene = await setScene()
    scene.tokenEndpoint.hold()
    const controller = new AbortController()
    const left = rejection(connect(scene, { retry: 3 })('/payments', { signal: controller.signal }))
    await scene.tokenEndpoint.requested
    controller.abort()
    expect((await left).cause).toMatchObject({ name: 'AbortError' })
    scene.tokenEndpoint.release()
    await scene.session.getTokens()
    expect(scene.seen.map(({ status }) => status)).toEqual([401])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })
})

describe('beside the features of ofetch', () => {
  test('interceptors run once, and see neither the refused response nor the token', async () => {
    const scene = await setScene()
    const heard: unknown[] = []
    const api = connect(scene, {
      onRequest: ({ options }) => {
        heard.push('onRequest')
        options.headers.set('x-request-id', '7')
      },
      onResponse: ({ response, options }) => void heard.push(['onResponse', response.status, options.headers.get('authorization')]),
      onResponseError: () => void heard.push('onResponseError'),
    })
    await api('/payments', { method: 'POST', body: {} })
    expect(heard).toEqual(['onRequest', ['onResponse', 200, null]])
    expect(scene.seen.map(({ headers }) => headers['x-request-id'])).toEqual(['7', '7'])
  })

  test('onRequestError hears of the end of the session', async () => {
    const scene = await setScene(undefined, { start: 'revoked' })
    const heard: unknown[] = []
    await rejection(connect(scene, { retry: 0, onRequestError: ({ error }) => void heard.push(error) })('/payments'))
    expect(heard).toEqual([expect.any(SessionEndedError)])
  })

  test('its retry of a 503 and the replay of a 401 add up', async () => {
    const statuses = [503, 503, 200]
    const scene = await setScene((_request, response) => response.writeHead(statuses.shift() ?? 500).end('{}'))
    await connect(scene)('/payments', { method: 'PUT', body: { amount: 10 }, retry: 2 })
    expect(scene.seen.map(({ status, body }) => [status, body])).toEqual([401, 503, 503, 200].map((status) => [status, '{"amount":10}']))
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('a query arrives on the replay, too; `raw` gives the response', async () => {
    const scene = await setScene()
    const response = await connect(scene).raw('/payments', { query: { q: 'ü' } })
    expect(response.status).toBe(200)
    expect(response.url).toBe(`${scene.url}/payments?q=%C3%BC`)
    expect(scene.seen.map(({ url }) => url)).toEqual(times(2, () => '/payments?q=%C3%BC'))
  })
})
