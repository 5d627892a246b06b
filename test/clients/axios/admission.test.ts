import type { AxiosInstance } from 'axios'
import { describe, expect, test } from 'vitest'
import { attached, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

describe('which requests get the token', () => {
  test("overwrites an Authorization that came from the instance's defaults", async () => {
    const { url, seen } = await serveApi('a1')
    const { api, session } = attached({ baseURL: url })
    const withheld: string[] = []
    session.on('withheld', ({ reason }) => withheld.push(reason))
    api.defaults.headers.common.Authorization = 'Bearer stale'
    await api.get('/')
    api.defaults.headers.common = {}
    api.defaults.headers.get.authorization = 'Bearer stale'
    await api.get('/')
    expect(seen).toEqual(['Bearer a1', 'Bearer a1'])
    expect(withheld).toEqual([])
  })

  test.each([
    ['a header', { headers: { Authorization: 'Basic abc' } }],
    ['a header that says none', { headers: { Authorization: false } }],
    ['config.auth', { auth: { username: 'u', password: 'p' } }],
  ])('leaves a request alone that brings its own credentials: %s', async (_name, config) => {
    const { url, seen } = await serveApi()
    const { api, server } = attached({ baseURL: url })
    await rejection(api.get('/', config as object))
    expect(seen.join()).not.toContain('a1')
    expect(server.requests).toBe(0)
  })

  test('leaves a request alone whose URL has credentials', async () => {
    const { url, seen } = await serveApi()
    const { api, server } = attached({ baseURL: url })
    await rejection(api.get(url.replace('http://', 'http://user:pass@')))
    expect(seen[0]).toMatch(/^Basic /)
    expect(server.requests).toBe(0)
  })

  test('decides after all interceptors, whatever their order', async () => {
    const { url, seen } = await serveApi('a1')
    const elsewhere = await serveApi('a1')
    const { api } = attached({ baseURL: url })
    api.interceptors.request.use(async (config) => {
      config.baseURL = elsewhere.url
      return config
    })
    await rejection(api.get('/'))
    expect(seen).toEqual([])
    expect(elsewhere.seen).toEqual([undefined])
  })

  test('does not follow baseURL when that moves after the first request', async () => {
    const { url, seen } = await serveApi('a1')
    const elsewhere = await serveApi('a1')
    const { api } = attached({ baseURL: url })
    await api.get('/')
    api.defaults.baseURL = elsewhere.url
    await rejection(api.get('/'))
    expect(seen).toEqual(['Bearer a1'])
    expect(elsewhere.seen).toEqual([undefined])
  })

  test('says so when no origin is known', async () => {
    const { api } = attached({})
    const error = await rejection(api.get('https://api.example.com/'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain("give origins: ['https://api.example.com']")
  })

  test('does not follow baseURL either when the first request went without the token', async () => {
    const { url } = await serveApi('a1')
    const elsewhere = await serveApi('a1')
    const { api } = attached({ baseURL: url })
    await rejection(api.get('/login', { renew: { skip: true } }))
    api.defaults.baseURL = elsewhere.url
    await rejection(api.get('/'))
    expect(elsewhere.seen).toEqual([undefined])
  })

  test('does not mind where nothing but requests to skip are sent', async () => {
    const { url, seen } = await serveApi('a1')
    const { api } = attached({})
    await rejection(api.get(url, { renew: { skip: true } }))
    api.defaults.baseURL = url
    await api.get('/')
    expect(seen).toEqual([undefined, 'Bearer a1'])
  })

  test('takes URL objects', async () => {
    const { url, seen } = await serveApi('a1')
    const elsewhere = await serveApi('a1')
    const get = (api: AxiosInstance, target: unknown) => api.get(target as string, { validateStatus: null })
    const { api } = attached({ baseURL: url })
    await get(api, new URL('/x', url))
    await get(api, new URL('/x', elsewhere.url))
    await get(attached({}, { origins: [url] }).api, new URL('/x', url))
    expect(seen).toEqual(['Bearer a1', 'Bearer a1'])
    expect(elsewhere.seen).toEqual([undefined])
  })

  // axios 1.8.2 follows absolute URLs all the same with its fetch and xhr adapters.
  test.each(['http', 'fetch'])('sends no token to an absolute URL that allowAbsoluteUrls forbids: %s', async (adapter) => {
    const { url, seen } = await serveApi('a1')
    const elsewhere = await serveApi('a1')
    const { api } = attached({ baseURL: url, adapter, allowAbsoluteUrls: false, validateStatus: null })
    await api.get('/first')
    for (const target of [elsewhere.url, elsewhere.url.replace('http:', '')]) await api.get(`${target}/x`).catch(() => {})
    expect([...elsewhere.seen, ...seen].filter(Boolean)).toEqual(['Bearer a1'])
    await api.get(`${url}/x`)
    expect([...elsewhere.seen, ...seen].filter(Boolean)).toEqual(['Bearer a1', 'Bearer a1'])
  })

  test('changes nothing in a request that goes without the token, whatever its configuration holds', async () => {
    const seen: unknown[] = []
    const { api, session } = attached({
      baseURL: 'https://api.example.com',
      adapter: async (config) => {
        seen.push(config.url)
        return { data: '{}', status: 200, statusText: 'OK', headers: {}, config }
      },
    })
    await session.signOut()
    await api.get('/a', { more: { url: '/b' } } as object)
    expect(seen).toEqual(['/a'])
  })
})
