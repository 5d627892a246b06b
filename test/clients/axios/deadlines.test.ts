import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

describe('timeout', () => {
  test('ends a wait as axios ends a request, and the refresh goes on', async () => {
    const { url } = await serveApi()
    const { api, server, session } = attached({ baseURL: url, timeout: 150 })
    server.hold = true
    const startedAt = performance.now()
    const error = await rejection(api.get('/'))
    expect(performance.now() - startedAt).toBeLessThan(250)
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 150ms exceeded', name: 'AxiosError' })
    expect(axios.isAxiosError(error)).toBe(true)
    server.pending[0]?.answer()
    await settle()
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('honours timeoutErrorMessage and clarifyTimeoutError', async () => {
    const { url } = await serveApi()
    const { api, server } = attached({
      baseURL: url,
      timeout: 50,
      timeoutErrorMessage: 'too slow',
      transitional: { clarifyTimeoutError: true },
    })
    server.hold = true
    expect(await rejection(api.get('/'))).toMatchObject({ code: 'ETIMEDOUT', message: 'too slow' })
  })

  test('covers wait, first send and replay together', async () => {
    let requests = 0
    const url = await serve((_request, response) => {
      requests++
      if (requests === 1) setTimeout(() => response.writeHead(401).end(), 150)
    })
    const { api } = attached({ baseURL: url, timeout: 300 })
    const startedAt = performance.now()
    const error = await rejection(api.get('/'))
    const took = performance.now() - startedAt
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 300ms exceeded' })
    expect(requests).toBe(2)
    expect(took).toBeGreaterThan(280)
    expect(took).toBeLessThan(420)
    expect((error.config as { timeout: number; timeoutErrorMessage?: string }).timeout).toBe(300)
    expect((error.config as { timeoutErrorMessage?: string }).timeoutErrorMessage).toBeUndefined()
  })
})

const never = () => new Promise<never>(() => {})

describe('callbacks of the app', () => {
  test.each([
    ['authorize', { authorize: never }, {}],
    ['shouldRefresh', { shouldRefresh: never }, {}],
    ['replayBody', {}, { renew: { replayBody: never } }],
  ])('are waited for no longer than the caller wants: %s', async (_name, options, request) => {
    const { url } = await serveApi('none')
    const { api } = attached({ baseURL: url }, options)
    const body = () => Readable.from(['x'])
    expect(await rejection(api.put('/', body(), { ...request, timeout: 60 }))).toMatchObject({
      code: 'ECONNABORTED',
      message: 'timeout of 60ms exceeded',
    })
    const controller = new AbortController()
    const left = rejection(api.put('/', body(), { ...request, signal: controller.signal }))
    setTimeout(() => controller.abort(), 20)
    expect(await left).toMatchObject({ code: 'ERR_CANCELED' })
  })

  test('take their time off the timeout', async () => {
    const url = await serve(() => {})
    const { api } = attached({ baseURL: url, timeout: 200 }, { authorize: () => new Promise((resolve) => setTimeout(resolve, 150)) })
    const startedAt = performance.now()
    expect(await rejection(api.get('/'))).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 200ms exceeded' })
    expect(performance.now() - startedAt).toBeLessThan(300)
  })

  test.each([
    ['hangs', never],
    ['throws', () => Promise.reject(new Error('cannot say'))],
    [
      'throws at once',
      () => {
        throw new Error('cannot say')
      },
    ],
  ])('leave no response behind that holds a socket: shouldRefresh %s', async (_name, shouldRefresh) => {
    const { url } = await serveApi()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { api } = attached({ baseURL: url, httpAgent: agent, timeout: 100 }, { shouldRefresh })
    for (let i = 0; i < 3; i++) await expect(api.get('/', { responseType: 'stream' })).rejects.toThrow()
    const { status } = await api.get('/', { renew: { skip: true }, validateStatus: null })
    expect(status).toBe(401)
    agent.destroy()
  })
})

describe('cancellation', () => {
  test('by signal ends a wait at once', async () => {
    const { url } = await serveApi()
    const { api, server } = attached({ baseURL: url })
    server.hold = true
    const controller = new AbortController()
    const waiting = rejection(api.get('/', { signal: controller.signal })).then((error) => ({ error, at: performance.now() }))
    await expect.poll(() => server.pending.length).toBe(1)
    const abortedAt = performance.now()
    controller.abort()
    const { error, at } = await waiting
    expect(at - abortedAt).toBeLessThan(50)
    expect(axios.isCancel(error)).toBe(true)
    expect(error).toMatchObject({ code: 'ERR_CANCELED', message: 'canceled' })
  })

  test('by cancelToken ends a wait with its own reason', async () => {
    const { url } = await serveApi()
    const { api, server } = attached({ baseURL: url })
    server.hold = true
    const source = axios.CancelToken.source()
    const waiting = rejection(api.get('/', { cancelToken: source.token }))
    await expect.poll(() => server.pending.length).toBe(1)
    source.cancel('user left')
    expect(await waiting).toMatchObject({ code: 'ERR_CANCELED', message: 'user left' })
  })

  test('leaves no listeners behind', async () => {
    const { url } = await serveApi()
    const { api } = attached({ baseURL: url })
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listeners.add(given[1])
      addEventListener.apply(signal, given)
    }
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listeners.delete(given[1])
      removeEventListener.apply(signal, given)
    }
    await api.get('/', { signal, timeout: 5000 })
    expect(listeners.size).toBe(0)
  })
})
