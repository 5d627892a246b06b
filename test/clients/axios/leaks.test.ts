import { inspect } from 'node:util'
import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { describe, expect, test } from 'vitest'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

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

  test('of a streamed response', async () => {
    const { url } = await serveApi('a1')
    const { api } = attached({ baseURL: url })
    const response = await api.get('/', { responseType: 'stream' })
    expect(inspect(response)).not.toMatch(/a1\b/)
    response.data.destroy()
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
