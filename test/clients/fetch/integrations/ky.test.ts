import { AuthError, RefreshFailedError, SessionEndedError } from 'axios-renew'
import ky, { HTTPError, TimeoutError } from 'ky'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../../support/session-kit.ts'
import { ONE_REFRESH, type Scene, setScene, times } from './support/scene.ts'

/** ky as the docs say: our errors are not worth a retry. */
function connect({ url, fetch }: Scene) {
  return ky.create({ prefixUrl: url, fetch, retry: { shouldRetry: ({ error }) => (error instanceof AuthError ? false : undefined) } })
}

/** ky with its own retries, without their pauses. */
function retrying({ url, fetch }: Scene) {
  return ky.create({ prefixUrl: url, fetch, retry: { limit: 2, delay: () => 1 } })
}

test('100 requests at once with an expired token are one token request', async () => {
  const scene = await setScene()
  const api = connect(scene)
  const answers = await Promise.all(times(100, (i) => api.post('payments', { json: { i } }).json<{ body: string }>()))
  expect(answers.map(({ body }) => JSON.parse(body).i)).toEqual(times(100, (i) => i))
  expect(scene.auth.counters).toEqual(ONE_REFRESH)
  expect(scene.count(200)).toBe(100)
  expect(scene.count(401)).toBeLessThanOrEqual(100)
})

test('a JSON body is sent again as it was', async () => {
  const scene = await setScene()
  await connect(scene).post('payments', { json: { title: 'Grüße', amount: 10 } })
  const [first, second] = scene.seen
  expect(scene.seen.map(({ status }) => status)).toEqual([401, 200])
  expect(second?.body).toBe('{"title":"Grüße","amount":10}')
  expect(second?.body).toBe(first?.body)
  for (const name of ['content-type', 'content-length', 'accept']) expect(second?.headers[name]).toBe(first?.headers[name])
  expect(second?.headers['content-length']).toBe(String(Buffer.byteLength(second?.body ?? '')))
})

describe('errors', () => {
  test.each(['get', 'post'] as const)(
    'the end of the session is our own error, and more %ss are no more token requests',
    async (method) => {
      const scene = await setScene(undefined, { start: 'revoked' })
      const api = connect(scene)
      const error = await rejection(api[method]('payments'))
      expect(error).toBeInstanceOf(SessionEndedError)
      expect(error).toMatchObject({ response: { status: 401 } })
      expect(scene.seen).toHaveLength(1)
      expect(await rejection(api[method]('payments'))).toBeInstanceOf(SessionEndedError)
      expect(scene.tokenEndpoint.requests).toBe(1)
    },
  )

  test('without shouldRetry, ky repeats a GET whose session has ended: the API hears of it, the token endpoint does not', async () => {
    const scene = await setScene(undefined, { start: 'revoked' })
    expect(await rejection(retrying(scene).get('payments'))).toBeInstanceOf(SessionEndedError)
    expect(scene.count(401)).toBe(3)
    expect(scene.seen.map(({ headers }) => Boolean(headers.authorization))).toEqual([true, false, false])
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('a refresh that failed is our own error, too; ky finds the server resting and does not ask again', async () => {
    const scene = await setScene()
    scene.tokenEndpoint.down = true
    const error = await rejection(retrying(scene).get('payments'))
    const asked = scene.tokenEndpoint.requests
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect([error.code, Object(error.rejection).status, error.response]).toEqual(['ERR_REFRESH_FAILED', 401, undefined])
    expect([scene.count(401), asked]).toEqual([3, 1])
    expect(await rejection(connect(scene).get('payments'))).toBeInstanceOf(RefreshFailedError)
    expect(scene.tokenEndpoint.requests).toBe(1)
  })

  test('other statuses are HTTPErrors, and show no token', async () => {
    const scene = await setScene((_request, response) => response.writeHead(422).end('{}'))
    const error = await rejection(connect(scene).post('payments', { json: {} }))
    expect(error).toBeInstanceOf(HTTPError)
    expect((error as unknown as HTTPError).request.headers.get('content-type')).toBe('application/json')
    expect(await scene.showsToken(error)).toBe(false)
  })
})

describe('leaving while the session waits for tokens', () => {
  test("ky's timeout ends the wait as its TimeoutError; the refresh serves the next", async () => {
    const scene = await setScene(undefined, { start: 'without access token' })
    scene.tokenEndpoint.hold()
    expect(await rejection(connect(scene).get('payments', { timeout: 50 }))).toBeInstanceOf(TimeoutError)
    await scene.tokenEndpoint.requested
    expect(scene.seen).toEqual([])
    scene.tokenEndpoint.release()
    expect((await connect(scene).get('payments')).status).toBe(200)
    expect(scene.seen).toHaveLength(1)
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('a signal ends the wait with its reason', async () => {
    const scene = await setScene()
    scene.tokenEndpoint.hold()
    const controller = new AbortController()
    const left = rejection(connect(scene).post('payments', { json: {}, signal: controller.signal }))
    await scene.tokenEndpoint.requested
    controller.abort()
    expect(await left).toMatchObject({ name: 'AbortError' })
    scene.tokenEndpoint.release()
    await scene.session.getTokens()
    expect(scene.seen.map(({ status }) => status)).toEqual([401])
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })
})

describe('beside the features of ky', () => {
  test('hooks run once, and see neither the refused response nor the token', async () => {
    const scene = await setScene()
    const heard: unknown[] = []
    const api = connect(scene).extend({
      hooks: {
        beforeRequest: [(request) => void request.headers.set('x-request-id', '7'), () => void heard.push('beforeRequest')],
        afterResponse: [({ headers }, _options, { status }) => void heard.push(['afterResponse', status, headers.get('authorization')])],
      },
    })
    await api.post('payments', { json: {} })
    expect(heard).toEqual(['beforeRequest', ['afterResponse', 200, null]])
    expect(scene.seen.map(({ headers }) => headers['x-request-id'])).toEqual(['7', '7'])
  })

  test('its retry of a 503 and the replay of a 401 add up', async () => {
    const statuses = [503, 503, 200]
    const scene = await setScene((_request, response) => response.writeHead(statuses.shift() ?? 500).end('{}'))
    await retrying(scene).put('payments', { json: { amount: 10 } })
    expect(scene.seen.map(({ status, body }) => [status, body])).toEqual([401, 503, 503, 200].map((status) => [status, '{"amount":10}']))
    expect(scene.auth.counters).toEqual(ONE_REFRESH)
  })

  test('searchParams, FormData and upload progress arrive on the replay, too', async () => {
    const scene = await setScene()
    const form = new FormData()
    form.append('file', new Blob(['content']), 'a.txt')
    const seen: number[] = []
    await connect(scene).post('files', { searchParams: { q: 'ü' }, body: form, onUploadProgress: ({ percent }) => seen.push(percent) })
    expect(scene.seen.map(({ status, url }) => [status, url])).toEqual([
      [401, '/files?q=%C3%BC'],
      [200, '/files?q=%C3%BC'],
    ])
    expect(scene.seen[1]?.body).toContain('content')
    expect(scene.seen[1]?.body).toBe(scene.seen[0]?.body)
    expect(scene.seen[1]?.headers['content-type']).toBe(scene.seen[0]?.headers['content-type'])
    expect(seen.at(-1)).toBe(1)
  })
})
