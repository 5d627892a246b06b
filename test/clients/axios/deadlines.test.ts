import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import axios, { type AxiosAdapter, type AxiosRequestConfig, getAdapter } from 'axios'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { attached, serve, serveApi } from '../../support/attached.ts'
import { rejection } from '../../support/session-kit.ts'

/** A callback that never settles. */
type Never = () => Promise<never>

/** An adapter that notes how long each send may take. */
function noting(timeouts: unknown[]): AxiosAdapter {
  return (config) => {
    timeouts.push(config.timeout)
    return getAdapter('http')(config)
  }
}

describe('timeout', () => {
  test('ends a wait as axios ends a request, and the refresh goes on', async () => {
    const { url } = await serveApi()
    const clock = fakeClock()
    const { api, server, session } = attached({ baseURL: url, timeout: 60_000 }, {}, { clock, refreshTimeoutMs: 90_000 })
    server.hold = true
    let outcome: unknown = 'waiting'
    void rejection(api.get('/')).then((error) => (outcome = error))
    await expect.poll(() => server.pending.length).toBe(1)
    await clock.advance(59_999)
    expect(outcome).toBe('waiting')
    await clock.advance(1)
    expect(outcome).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 60000ms exceeded', name: 'AxiosError' })
    expect(axios.isAxiosError(outcome)).toBe(true)
    server.pending[0]?.answer()
    await settle()
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('honours timeoutErrorMessage and clarifyTimeoutError', async () => {
    const { url } = await serveApi()
    const clock = fakeClock()
    const { api, server } = attached(
      { baseURL: url, timeout: 20_000, timeoutErrorMessage: 'too slow', transitional: { clarifyTimeoutError: true } },
      {},
      { clock },
    )
    server.hold = true
    const waiting = rejection(api.get('/'))
    await expect.poll(() => server.pending.length).toBe(1)
    await clock.advance(20_000)
    expect(await waiting).toMatchObject({ code: 'ETIMEDOUT', message: 'too slow' })
  })

  test('covers wait, first send and replay together', async () => {
    const clock = fakeClock()
    let requests = 0
    const url = await serve(async (_request, response) => {
      requests++
      if (requests > 1) return
      await clock.advance(400)
      response.writeHead(401).end()
    })
    const timeouts: unknown[] = []
    const { api, server } = attached({ baseURL: url, timeout: 1000, adapter: noting(timeouts) }, {}, { clock })
    server.hold = true
    const failed = rejection(api.get('/'))
    await expect.poll(() => server.pending.length).toBe(1)
    await clock.advance(500)
    server.pending[0]?.answer()
    const error = await failed
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 1000ms exceeded' })
    expect(requests).toBe(2)
    expect(timeouts).toEqual([1000, 100])
    expect((error.config as { timeout: number; timeoutErrorMessage?: string }).timeout).toBe(1000)
    expect((error.config as { timeoutErrorMessage?: string }).timeoutErrorMessage).toBeUndefined()
  })
})

describe('callbacks of the app', () => {
  test.each([
    ['authorize', (never: Never) => ({ authorize: never }), () => ({})],
    ['shouldRefresh', (never: Never) => ({ shouldRefresh: never }), () => ({})],
    ['replayBody', () => ({}), (never: Never) => ({ renew: { replayBody: never } })],
  ])('are waited for no longer than the caller wants: %s', async (_name, options, request) => {
    const { url } = await serveApi('none')
    const clock = fakeClock()
    let called = 0
    const never: Never = () => {
      called++
      return new Promise(() => {})
    }
    const { api } = attached({ baseURL: url }, options(never), { clock })
    const send = (config: AxiosRequestConfig) => {
      const outcome: { error?: unknown } = {}
      void rejection(api.put('/', Readable.from(['x']), { ...request(never), ...config })).then((error) => (outcome.error = error))
      return outcome
    }
    const late = send({ timeout: 60_000 })
    await expect.poll(() => called).toBe(1)
    await clock.advance(60_000)
    expect(late.error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 60000ms exceeded' })
    const controller = new AbortController()
    const left = send({ signal: controller.signal })
    await expect.poll(() => called).toBe(2)
    controller.abort()
    await settle()
    expect(left.error).toMatchObject({ code: 'ERR_CANCELED' })
  })

  test('take their time off the timeout', async () => {
    const clock = fakeClock()
    const url = await serve(() => {})
    const timeouts: unknown[] = []
    const authorize = () => clock.advance(900)
    const { api } = attached({ baseURL: url, timeout: 1000, adapter: noting(timeouts) }, { authorize }, { clock })
    expect(await rejection(api.get('/'))).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 1000ms exceeded' })
    expect(timeouts).toEqual([100])
  })

  test.each([
    ['hangs', () => new Promise<never>(() => {})],
    ['throws', () => Promise.reject(new Error('cannot say'))],
    [
      'throws at once',
      () => {
        throw new Error('cannot say')
      },
    ],
  ])('leave no response behind that holds a socket: shouldRefresh %s', async (_name, shouldRefresh) => {
    const { url } = await serveApi()
    const clock = fakeClock()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let asked = 0
    const counted = () => {
      asked++
      return shouldRefresh()
    }
    const { api } = attached({ baseURL: url, httpAgent: agent, timeout: 10_000 }, { shouldRefresh: counted }, { clock })
    for (let i = 1; i <= 3; i++) {
      const failed = expect(api.get('/', { responseType: 'stream' })).rejects.toThrow()
      await expect.poll(() => asked).toBe(i)
      await clock.advance(10_000)
      await failed
    }
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
    let error: unknown
    void rejection(api.get('/', { signal: controller.signal })).then((reason) => (error = reason))
    await expect.poll(() => server.pending.length).toBe(1)
    expect(error).toBeUndefined()
    controller.abort()
    // In the very next turns of the event loop: nothing else is waited for.
    await settle()
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
