import { gzipSync } from 'node:zlib'
import { oauth2, RefreshFailedError, SessionEndedError } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { ANSWER, refreshWith, sessionWith } from './refresh-with.ts'
import { json, startEndpoint } from './start-endpoint.ts'

describe('an answer that is lost', () => {
  test('because the server resets the connection is not asked for again', async () => {
    const { url, bodies } = await startEndpoint((response) => response.destroy())
    const error = await rejection(refreshWith({ tokenEndpoint: url }))
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe('ERR_REFRESH_UNCERTAIN')
    expect(error.message).toContain('ECONNRESET')
    expect(error.message).toContain('may be spent')
    expect(bodies).toEqual(['grant_type=refresh_token&refresh_token=refresh-1'])
  })

  test.each([
    ['ends early', (text: string) => ({ head: { 'content-length': String(text.length + 10) }, body: text })],
    ['is cut off in a chunk', (text: string) => ({ head: {}, body: text })],
    ['is larger than 1 MiB', (text: string) => ({ head: {}, body: `${text}${' '.repeat(2 ** 20)}` })],
    [
      'unpacks to more than 1 MiB',
      (text: string) => ({ head: { 'content-encoding': 'gzip' }, body: gzipSync(text + ' '.repeat(2 ** 24)) }),
    ],
    ['cannot be unpacked', (text: string) => ({ head: { 'content-encoding': 'gzip' }, body: text })],
  ])('because it %s is not asked for again', async (name, answer) => {
    const { url, bodies } = await startEndpoint((response) => {
      const { head, body } = answer(JSON.stringify(ANSWER))
      response.writeHead(200, { 'content-type': 'application/json', ...head })
      if (/^(ends|is cut)/.test(name)) response.write(body, () => response.destroy())
      else response.end(body)
    })
    const error = await rejection(refreshWith({ tokenEndpoint: url }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(bodies).toHaveLength(1)
  })

  test('because the app gave a timeout is not asked for again', async () => {
    const { url, bodies } = await startEndpoint(() => {})
    // Long enough for a request to arrive at a machine that is busy.
    const error = await rejection(refreshWith({ tokenEndpoint: url, request: { timeout: 1000 } }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(bodies).toHaveLength(1)
  })

  test('keeps the session, and explains an invalid_grant that follows', async () => {
    const { url, bodies } = await startEndpoint((response, _request, count) =>
      count === 1 ? response.destroy() : json(response, { error: 'invalid_grant' }, 400),
    )
    const clock = fakeClock()
    const session = sessionWith({ ...oauth2({ tokenEndpoint: url }), clock })
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(session.status).toBe('active')
    await clock.advance(60_000)
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('without an answer')
    expect(error.cause).toBeInstanceOf(SessionEndedError)
    expect(bodies).toHaveLength(2)
  })

  test('of a large page is only read as far as it must be', async () => {
    const chunk = 'x'.repeat(2 ** 16)
    let written = 0
    const { url } = await startEndpoint((response) => {
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
      }
      response.on('drain', pump).on('error', () => {})
      pump()
    })
    expect(await rejection(refreshWith({ tokenEndpoint: url }))).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(written).toBeLessThan(64 * 2 ** 20)
  })
})

describe('reuseGraceMs', () => {
  test('sends the same request once more', async () => {
    const { url, bodies } = await startEndpoint((response, _request, count) => (count === 1 ? response.destroy() : json(response, ANSWER)))
    expect(await refreshWith({ tokenEndpoint: url, clientId: 'my-app', reuseGraceMs: 60_000 })).toEqual(ANSWER)
    const body = 'grant_type=refresh_token&refresh_token=refresh-1&client_id=my-app'
    expect(bodies).toEqual([body, body])
  })

  test('sends it once more, and not for ever', async () => {
    const { url, bodies } = await startEndpoint((response) => response.destroy())
    expect(await rejection(refreshWith({ tokenEndpoint: url, reuseGraceMs: 60_000 }))).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(bodies).toHaveLength(2)
  })

  test('sends the same pair once more at most once a minute: in an outage that would only double the requests', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { url, bodies } = await startEndpoint((response) => response.destroy())
    const { refresh } = oauth2({ tokenEndpoint: url, reuseGraceMs: 60_000 })
    const pair = { refreshToken: 'refresh-1' }
    const sentFor = async (tokens: object) => {
      const before = bodies.length
      await rejection(Promise.resolve(refresh(tokens, { account: '', signal: new AbortController().signal })))
      return bodies.length - before
    }
    expect([await sentFor(pair), await sentFor(pair), await sentFor({ refreshToken: 'another' })]).toEqual([2, 1, 2])
    vi.setSystemTime(Date.now() + 59_999)
    expect(await sentFor(pair)).toBe(1)
    vi.setSystemTime(Date.now() + 1)
    expect(await sentFor(pair)).toBe(2)
  })

  test('also helps with an answer that came and is no use', async () => {
    const { url, bodies } = await startEndpoint((response, _request, count) =>
      count === 1 ? response.writeHead(502).end() : json(response, ANSWER),
    )
    expect(await refreshWith({ tokenEndpoint: url, reuseGraceMs: 60_000 })).toEqual(ANSWER)
    expect(bodies).toHaveLength(2)
  })

  test('does not send a refused token again', async () => {
    const { url, bodies } = await startEndpoint((response) => json(response, { error: 'invalid_grant' }, 400))
    expect(await rejection(refreshWith({ tokenEndpoint: url, reuseGraceMs: 60_000 }))).toBeInstanceOf(SessionEndedError)
    expect(bodies).toHaveLength(1)
  })

  test('is over when the first request has taken longer', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { url, bodies } = await startEndpoint((response) => {
      vi.setSystemTime(Date.now() + 30_000)
      response.destroy()
    })
    expect(await rejection(refreshWith({ tokenEndpoint: url, reuseGraceMs: 30_000 }))).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(bodies).toHaveLength(1)
  })

  test('says, when it was too short, that the first answer was lost', async () => {
    const { url } = await startEndpoint((response, _request, count) =>
      count === 1 ? response.destroy() : json(response, { error: 'invalid_grant' }, 400),
    )
    const error = await rejection(refreshWith({ tokenEndpoint: url, reuseGraceMs: 60_000 }))
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('without an answer')
  })

  test('leaves it uncertain when the second request only finds the server busy', async () => {
    const { url } = await startEndpoint((response, _request, count) =>
      count === 1 ? response.destroy() : response.writeHead(503, { 'retry-after': '120' }).end(),
    )
    const error = await rejection(refreshWith({ tokenEndpoint: url, reuseGraceMs: 60_000 }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN', retryAfter: 120_000 })
  })

  test('does not send a request that was given up', async () => {
    const { url, bodies } = await startEndpoint(() => giveUp.abort())
    const giveUp = new AbortController()
    const { refresh } = oauth2({ tokenEndpoint: url, reuseGraceMs: 60_000 })
    const error = await rejection(Promise.resolve(refresh({ refreshToken: 'refresh-1' }, { account: '', signal: giveUp.signal })))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    expect(bodies).toHaveLength(1)
  })
})

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with status %s is not followed: the refresh token must not travel', async (status) => {
    const elsewhere = await startEndpoint((response) => json(response, ANSWER))
    const { url, bodies } = await startEndpoint((response) => response.writeHead(status, { location: elsewhere.url }).end())
    const error = await rejection(refreshWith({ tokenEndpoint: url, clientId: 'my-app', clientSecret: 'my-secret' }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    expect(error.message).toContain(`status ${status}`)
    expect([bodies.length, elsewhere.bodies]).toEqual([1, []])
  })

  test('is not followed when the app says so for its own requests', async () => {
    const elsewhere = await startEndpoint((response) => json(response, ANSWER))
    const { url } = await startEndpoint((response) => response.writeHead(307, { location: elsewhere.url }).end())
    await rejection(refreshWith({ tokenEndpoint: url, request: { maxRedirects: 5 } }))
    expect(elsewhere.bodies).toEqual([])
  })
})
