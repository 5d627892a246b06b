import { createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'
import { serve } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'
import { TokenServer } from '../../support/token-server.ts'
import { CLIENT, LIVE_CREDENTIALS, NO_ACCESS_TOKEN } from './mercado.ts'
import { bytesOf, serveRefusal } from './refusing-api.ts'

const EXPIRED = '{"code":"unauthorized","message":"invalid access token"}'

/** A fetch with a seller's session that refreshes when the provider's rule says so. */
function sellerFetch(url: string, provider: typeof mercadoLibre = mercadoPago): { api: typeof fetch; server: TokenServer } {
  const server = new TokenServer()
  const { shouldRefresh } = provider(CLIENT)
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair, shouldRefresh })
  return { api: authFetch(session, { origins: [new URL(url).origin] }), server }
}

describe('through authFetch, a 401 about set-up', () => {
  test.each<[string, (response: Response) => Promise<unknown>]>([
    ['json()', (response) => response.json()],
    ['text()', (response) => response.text()],
    ['arrayBuffer()', (response) => response.arrayBuffer()],
    ['blob()', (response) => response.blob()],
    ['body', async (response) => response.body],
    ['clone()', (response) => response.clone().json()],
  ])('reaches the caller, who can read it by %s', async (_name, read) => {
    for (const refusal of [LIVE_CREDENTIALS, NO_ACCESS_TOKEN]) {
      const url = await serveRefusal(JSON.stringify(refusal))
      const { api, server } = sellerFetch(url)
      const response = await api(url)
      expect([response.status, response.bodyUsed]).toEqual([401, false])
      expect(JSON.parse((await bytesOf(await read(response))).toString())).toEqual(refusal)
      expect(server.requests).toBe(0)
    }
  })

  test.each(['application/json; charset=UTF-8', 'application/problem+json', 'text/plain'])('is known as %s', async (type) => {
    const url = await serveRefusal(JSON.stringify(LIVE_CREDENTIALS), { 'content-type': type })
    const { api, server } = sellerFetch(url)
    expect((await api(url)).status).toBe(401)
    expect(server.requests).toBe(0)
  })

  test('does not refresh for a seller of Mercado Libre either', async () => {
    const url = await serveRefusal(JSON.stringify(NO_ACCESS_TOKEN))
    const { api, server } = sellerFetch(url, mercadoLibre)
    expect((await api(url, { method: 'POST', body: '{}' })).status).toBe(401)
    expect(server.requests).toBe(0)
  })

  test('in a stream of events cannot be told from others', async () => {
    const url = await serveRefusal(JSON.stringify(LIVE_CREDENTIALS), { 'content-type': 'text/event-stream' })
    const { api, server } = sellerFetch(url)
    expect(await (await api(url)).json()).toEqual({ ok: true })
    expect(server.requests).toBe(1)
  })
})

describe('through authFetch, an ordinary 401', () => {
  test.each(['application/json', 'text/html', 'application/octet-stream'])('refreshes, as %s', async (type) => {
    const url = await serveRefusal(EXPIRED, { 'content-type': type })
    const { api, server } = sellerFetch(url)
    const response = await api(url)
    expect([response.status, await response.json()]).toEqual([200, { ok: true }])
    expect(server.received).toEqual(['r1'])
  })

  test('refreshes when its body breaks off', async () => {
    const { api, server } = await breakingOff((response) => response.destroy())
    const response = await api()
    expect([response.status, await response.json()]).toEqual([200, { ok: true }])
    expect(server.received).toEqual(['r1'])
  })

  test('lets a caller go who does not want to wait for its body', async () => {
    const { api } = await breakingOff(() => {})
    const controller = new AbortController()
    const response = rejection(api({ signal: controller.signal }))
    setTimeout(() => controller.abort(new Error('too slow')), 50)
    expect((await response).message).toBe('too slow')
  })

  /** Fetches from an API that refuses the first token with a part of a body. */
  async function breakingOff(end: (response: { destroy(): void }) => void) {
    const url = await serve((request, response) => {
      const first = request.headers.authorization === 'Bearer a1'
      response.writeHead(first ? 401 : 200, { 'content-type': 'application/json' })
      if (!first) response.end('{"ok":true}')
      else response.write('{"message":', () => end(response))
    })
    const { api, server } = sellerFetch(url)
    return { api: (init?: RequestInit) => api(url, init), server }
  }
})
