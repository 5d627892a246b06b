import type { AxiosAdapter, ResponseType } from 'axios'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'
import { type Attached, attached, serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'
import { CLIENT, LIVE_CREDENTIALS, NO_ACCESS_TOKEN } from './mercado.ts'
import { bytesOf, serveRefusal } from './refusing-api.ts'

const EXPIRED = { message: 'invalid_token', error: 'not_found', status: 401, cause: [] }

type Adapter = 'http' | 'fetch'

/** What can be looked into. With Node's http, axios gives text for `blob`. */
const READABLE: [Adapter, ResponseType | undefined][] = [
  ['http', undefined],
  ['http', 'json'],
  ['http', 'text'],
  ['http', 'arraybuffer'],
  ['http', 'blob'],
  ['fetch', undefined],
  ['fetch', 'json'],
  ['fetch', 'text'],
  ['fetch', 'arraybuffer'],
  ['fetch', 'blob'],
]
const STREAMS: [Adapter, ResponseType][] = [
  ['http', 'stream'],
  ['fetch', 'stream'],
]

/** An instance with a seller's session that refreshes when Mercado Pago's rule says so. */
function apiAt(baseURL: string, adapter: Adapter = 'http', provider: typeof mercadoLibre = mercadoPago): Attached {
  const { shouldRefresh } = provider(CLIENT)
  return attached({ baseURL, adapter }, {}, { shouldRefresh })
}

describe.each(READABLE)('through axios by %s, responseType %s', (adapter, responseType) => {
  test.each([
    ['live credentials (7)', LIVE_CREDENTIALS],
    ['no access token (5)', NO_ACCESS_TOKEN],
  ])('a 401 about set-up, %s, reaches the caller with its body', async (_name, refusal) => {
    const { api, server } = apiAt(await serveRefusal(JSON.stringify(refusal)), adapter)
    const { response } = (await rejection(api.get('/v1/payments', { responseType }))) as unknown as { response: Record<string, unknown> }
    expect(response.status).toBe(401)
    expect(JSON.parse((await bytesOf(response.data)).toString())).toEqual(refusal)
    expect(server.requests).toBe(0)
  })

  test('an ordinary 401 refreshes', async () => {
    const { api, server } = apiAt(await serveRefusal(JSON.stringify(EXPIRED)), adapter)
    const { status, data } = await api.get('/v1/payments', { responseType })
    expect([status, JSON.parse((await bytesOf(data)).toString())]).toEqual([200, { ok: true }])
    expect(server.received).toEqual(['r1'])
  })
})

describe.each(STREAMS)('through axios by %s, responseType %s', (adapter, responseType) => {
  test('an ordinary 401 refreshes', async () => {
    const { api, server } = apiAt(await serveRefusal(JSON.stringify(EXPIRED)), adapter)
    const { status, data } = await api.get('/v1/reports', { responseType })
    expect([status, (await bytesOf(data)).toString()]).toEqual([200, '{"ok":true}'])
    expect(server.received).toEqual(['r1'])
  })

  test('a 401 about set-up cannot be told from others, and still reaches the caller with its body', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(LIVE_CREDENTIALS))
    })
    const { api, server } = apiAt(url, adapter)
    const { response } = (await rejection(api.get('/v1/reports', { responseType }))) as unknown as { response: Record<string, unknown> }
    expect(JSON.parse((await bytesOf(response.data)).toString())).toEqual(LIVE_CREDENTIALS)
    expect(server.requests).toBe(1)
  })
})

describe('a 401 about set-up', () => {
  test('is known where an adapter has parsed it already, as mocks do', async () => {
    const { shouldRefresh } = mercadoPago(CLIENT)
    for (const [data, requests] of [
      [LIVE_CREDENTIALS, 0],
      [EXPIRED, 1],
      // It cannot be copied, so it cannot be looked into.
      [{ ...LIVE_CREDENTIALS, toJSON: () => EXPIRED }, 1],
    ] as const) {
      const adapter: AxiosAdapter = async (config) => ({ status: 401, statusText: 'Unauthorized', headers: {}, config, data })
      const { api, server } = attached({ baseURL: 'https://api.mercadopago.com', adapter }, {}, { shouldRefresh })
      expect((await api.get('/users/me')).data).toBe(data)
      expect(server.requests).toBe(requests)
    }
  })

  test('is a response where the caller takes every status', async () => {
    const { api, server } = apiAt(await serveRefusal(JSON.stringify(LIVE_CREDENTIALS)))
    const { status, data } = await api.post('/v1/payments', { amount: 1 }, { validateStatus: () => true })
    expect([status, data]).toEqual([401, LIVE_CREDENTIALS])
    expect(server.requests).toBe(0)
  })

  test('does not refresh for a seller of Mercado Libre either', async () => {
    const { api, server } = apiAt(await serveRefusal(JSON.stringify(NO_ACCESS_TOKEN)), 'http', mercadoLibre)
    expect(await rejection(api.get('/users/me'))).toMatchObject({ status: 401 })
    expect(server.requests).toBe(0)
  })

  test('costs no token request however often it comes, and a real expiry is still seen', async () => {
    let refusal: object = LIVE_CREDENTIALS
    const url = await serve((request, response) => {
      const good = request.headers.authorization === 'Bearer a2'
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' }).end(good ? '{}' : JSON.stringify(refusal))
    })
    const { api, server } = apiAt(url)
    await Promise.all(Array.from({ length: 50 }, () => rejection(api.get('/v1/payments'))))
    expect(server.requests).toBe(0)
    refusal = EXPIRED
    expect((await api.get('/v1/payments')).status).toBe(200)
    expect(server.requests).toBe(1)
  })

  test('after a refresh is what the caller gets', async () => {
    const url = await serve((request, response) => {
      const refusal = request.headers.authorization === 'Bearer a1' ? EXPIRED : LIVE_CREDENTIALS
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(refusal))
    })
    const { api, server } = apiAt(url)
    for (let i = 0; i < 3; i++) expect(await rejection(api.get('/'))).toMatchObject({ response: { data: LIVE_CREDENTIALS } })
    expect(server.received).toEqual(['r1'])
  })

  test('refreshes where attach is given another rule', async () => {
    const { shouldRefresh } = mercadoPago(CLIENT)
    const url = await serveRefusal(JSON.stringify(LIVE_CREDENTIALS))
    const { api, server } = attached({ baseURL: url }, { shouldRefresh: ({ status }) => status === 401 }, { shouldRefresh })
    expect((await api.get('/')).status).toBe(200)
    expect(server.requests).toBe(1)
  })
})
