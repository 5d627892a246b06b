import axios, { type AxiosInstance } from 'axios'
import MockAdapter from 'axios-mock-adapter'
import { attach, createSession, RefreshFailedError } from 'axios-renew'
import axiosRetry from 'axios-retry'
import { describe, expect, test } from 'vitest'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'
import { TokenServer } from '../../support/token-server.ts'

const ORDERS = ['before', 'after'] as const

/** Installs a plugin before or after the session is attached. */
function together(order: (typeof ORDERS)[number], baseURL: string, install: (api: AxiosInstance) => void) {
  const server = new TokenServer()
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair })
  const api = axios.create({ baseURL })
  const steps = [() => install(api), () => attach(api, session)]
  for (const step of order === 'before' ? steps : steps.reverse()) step()
  return { api, server, session }
}

describe.each(ORDERS)('axios-retry installed %s', (order) => {
  test('retries a 503 with the token, and a 401 in between is replayed', async () => {
    const statuses = [503, 401, 503, 200]
    const seen: (string | undefined)[] = []
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(statuses[seen.length - 1] ?? 500).end('{}')
    })
    const { api, server } = together(order, url, (instance) => axiosRetry(instance, { retries: 3, retryDelay: () => 1 }))
    expect((await api.get('/')).status).toBe(200)
    expect(seen).toEqual(['Bearer a1', 'Bearer a1', 'Bearer a2', 'Bearer a2'])
    expect(server.requests).toBe(1)
  })

  test('does not retry a failed refresh', async () => {
    const { url, seen } = await serveApi()
    const { api } = together(order, url, (instance) => axiosRetry(instance, { retries: 3, retryDelay: () => 1 }))
    const broken = createSession({ refresh: () => Promise.reject(new Error('down')), tokens: { access_token: 'x', refresh_token: 'y' } })
    const instance = axios.create({ baseURL: url })
    axiosRetry(instance, { retries: 3, retryDelay: () => 1 })
    attach(instance, broken)
    expect(await rejection(instance.get('/'))).toBeInstanceOf(RefreshFailedError)
    expect(seen).toHaveLength(1)
    await api.get('/')
  })
})

describe.each(ORDERS)('axios-mock-adapter installed %s', (order) => {
  test('gives responses without headers', async () => {
    const seen: unknown[] = []
    const { api, server } = together(order, 'https://api.example.com', (instance) => {
      new MockAdapter(instance).onGet('/me').reply((config) => {
        seen.push(config.headers?.Authorization)
        return config.headers?.Authorization === 'Bearer a2' ? [200, { name: 'Ada' }] : [401]
      })
    })
    expect((await api.get('/me')).data).toEqual({ name: 'Ada' })
    expect(seen).toEqual(['Bearer a1', 'Bearer a2'])
    expect(server.requests).toBe(1)
  })

  test('shows shouldRefresh its parsed bodies', async () => {
    const { api, server } = attached(
      { baseURL: 'https://api.example.com' },
      { shouldRefresh: async ({ body }) => Object(await body()).error === 'token_expired' },
    )
    const mock = new MockAdapter(api)
    mock.onGet('/me').replyOnce(200, { ok: false, error: 'token_expired' }).onGet('/me').reply(200, { ok: true })
    expect((await api.get('/me')).data).toEqual({ ok: true })
    expect(server.requests).toBe(1)
  })
})

describe('a plugin that answers by an adapter of its own', () => {
  test('is left alone', async () => {
    const { api, server } = attached({ baseURL: 'https://api.example.com' })
    api.interceptors.request.use((config) => {
      config.adapter = async (final) => ({ data: '"cached"', status: 200, statusText: 'OK', headers: {}, config: final })
      return config
    })
    expect((await api.get('/')).data).toBe('cached')
    expect(server.requests).toBe(0)
  })
})
