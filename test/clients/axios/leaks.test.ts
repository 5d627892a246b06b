import { inspect } from 'node:util'
import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios'
import type { Authorize } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

/** The token, as a request carries it. */
const SENT = /Bearer a1\b|token=a1\b/

/** Everything a log could print of a value. */
function printed(value: unknown): string {
  return [
    inspect(value, { depth: 6 }),
    inspect(value, { depth: 6, getters: true }),
    JSON.stringify(value, ownFields(value)),
    value instanceof Error ? String(value) : '',
  ].join('\n')
}

function ownFields(value: unknown) {
  const seen = new WeakSet([Object(value)])
  return (key: string, field: unknown) => {
    if (key === '' || typeof field !== 'object' || field === null) return field
    if (seen.has(field)) return undefined
    seen.add(field)
    return field
  }
}

describe('what a caller can see', () => {
  test('of a response', async () => {
    const { url } = await serveApi()
    const { api } = attached({ baseURL: url })
    const response = await api.get('/')
    expect(printed(response)).not.toMatch(/a1\b|a2\b/)
    expect(response.config.headers.has('Authorization')).toBe(false)
    expect(Object.keys(response)).not.toContain('request')
    expect(response.request).toBeDefined()
  })

  test('of an error with a response', async () => {
    const url = await serve((_request, response) => response.writeHead(500).end('{}'))
    const { api } = attached({ baseURL: url })
    const error = (await rejection(api.get('/'))) as unknown as AxiosError
    expect(error.response?.status).toBe(500)
    expect(printed(error)).not.toMatch(/a1\b/)
    expect(JSON.stringify(error.toJSON())).not.toMatch(/a1\b/)
    expect(error.request).toBeDefined()
  })

  test('of an error without a response', async () => {
    const url = await serve((request) => request.socket.destroy())
    const { api } = attached({ baseURL: url })
    const error = await rejection(api.get('/'))
    expect(printed(error)).not.toMatch(/a1\b/)
    expect(error.config).toBeDefined()
  })

  test('of the errors of the session', async () => {
    const { url } = await serveApi('none')
    const { api, server } = attached({ baseURL: url })
    server.revoked = true
    const error = await rejection(api.post('/', { amount: 1 }))
    expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', response: { status: 401 } })
    expect(printed(error)).not.toMatch(/a1\b|r1\b/)
    expect(printed(error.response)).not.toMatch(/a1\b/)
  })

  test.each([200, 500])('of a streamed response (%i)', async (status) => {
    const url = await serve((_request, response) => response.writeHead(status).end('{}'))
    const authorize: Authorize = (request, tokens) => {
      request.headers.set('Authorization', `Bearer ${tokens.accessToken}`)
      request.url += `?token=${tokens.accessToken}`
    }
    for (const options of [{}, { authorize }]) {
      const { api } = attached({ baseURL: url, validateStatus: null }, options)
      const response = await api.get('/', { responseType: 'stream' })
      expect(printed(response)).not.toMatch(SENT)
      expect(printed(response.data)).not.toMatch(SENT)
      expect(response.data.socket).toBeDefined()
      response.data.destroy()
    }
  })

  test.each(['http', 'fetch'])('of an error that a streamed response raises later: %s', async (adapter) => {
    const url = await serve((_request, response) => {
      response.write('x')
      setTimeout(() => response.end('a longer text'), 20)
    })
    const { api } = attached({ baseURL: url, adapter })
    const readAll = async (data: AsyncIterable<unknown>) => {
      for await (const chunk of data) expect(chunk).toBeDefined()
    }
    // Before 1.12 axios does not look at the length of what it streams.
    const cut = await api.get('/', { responseType: 'stream', maxContentLength: 3 })
    expect(printed(await readAll(cut.data).catch((error) => error))).not.toMatch(SENT)
    const controller = new AbortController()
    const { data } = await api.get('/', { responseType: 'stream', signal: controller.signal })
    const aborted = rejection(readAll(data))
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'ERR_CANCELED' })
    expect(printed(await aborted)).not.toMatch(SENT)
  })

  test("and an error of a streamed response that nobody listens for is still nobody else's", async () => {
    const { url } = await serveApi('a1')
    const { api } = attached({ baseURL: url })
    const { data } = await api.get('/', { responseType: 'stream' })
    expect(data.listenerCount('error')).toBe(
      (await axios.get(url, { responseType: 'stream', validateStatus: null })).data.listenerCount('error'),
    )
    data.destroy()
  })

  test('of a configuration that an interceptor kept', async () => {
    const { url } = await serveApi()
    const { api } = attached({ baseURL: url })
    const kept: InternalAxiosRequestConfig[] = []
    api.interceptors.request.use((config) => {
      kept.push(config)
      return config
    })
    const { config } = await api.get('/')
    expect(printed(kept)).not.toMatch(/a1\b|a2\b/)
    expect(config.adapter).toEqual(axios.defaults.adapter)
    expect(Object.keys(config)).not.toContain('beforeRedirect')
  })

  test('and an adapter that copies its configuration gives nothing away', async () => {
    const adapter = async (config: InternalAxiosRequestConfig) => ({
      data: '{}',
      status: 200,
      statusText: 'OK',
      headers: {},
      config: { ...config },
    })
    const { api } = attached({ baseURL: 'https://api.example.com', adapter })
    expect(printed(await api.get('/'))).not.toMatch(/a1\b/)
  })
})

describe('a configuration that is sent again', () => {
  test('through another instance does not carry the session along', async () => {
    const { url, seen } = await serveApi()
    const { api } = attached({ baseURL: url })
    const { config } = await api.get('/')
    await rejection(axios.create().request(config))
    expect(seen).toEqual(['Bearer a1', 'Bearer a2', undefined])
  })

  test('through the same instance gets the token anew', async () => {
    const { url, seen } = await serveApi()
    const { api } = attached({ baseURL: url })
    const { config } = await api.get('/')
    await api.request(config)
    expect(seen).toEqual(['Bearer a1', 'Bearer a2', 'Bearer a2'])
  })
})
