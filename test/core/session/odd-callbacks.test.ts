import { RefreshFailedError, type RefreshFailedErrorOptions, SessionEndedError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { forbidUnhandledRejections } from '../../support/unhandled-rejections.ts'

const HOUR = 3600_000

forbidUnhandledRejections()

/** As Temporal's: it refuses to be a number, and has a text. */
const moment = (text: string) => ({
  [Symbol.toPrimitive](hint: string) {
    if (hint === 'string') return text
    throw new TypeError('Do not use valueOf')
  },
})

describe('a time that refuses to be a number', () => {
  test.each([
    ['with a text that is a date', moment('2026-01-01T03:00:00Z'), Date.parse('2026-01-01T03:00:00Z')],
    ['without any text', Object.create(null), undefined],
  ])('costs nobody the pair: %s', async (_, expires_at, expiresAt) => {
    const { session, server, clock, saved } = createKit({
      refresh: async (...given) => {
        return { ...Object(await server.refresh(...given)), expires_in: undefined, expires_at }
      },
    })
    await session.getTokens()
    await clock.advance(HOUR)
    expect((await session.getTokens()).expiresAt).toBe(expiresAt)
    expect(saved.at(-1)?.refreshToken).toBe('r2')
    await session.refresh()
    expect(server.revoked).toBe(false)
  })

  test('does not stand in the way of stored tokens', async () => {
    const { session } = createKit({ load: () => ({ access_token: 'a1', refresh_token: 'r1', issued_at: Object.create(null) }) })
    expect((await session.getTokens()).accessToken).toBe('a1')
  })
})

describe('a rest that a `refresh` asks for', () => {
  test.each([
    ['no number', { retryAfter: Number.NaN }],
    ['a text', { retryAfter: '120' }],
    ['for ever', { retryAfter: Number.POSITIVE_INFINITY }],
    ['until no moment', { retryAt: Number.NaN }],
    ['until a text', { retryAt: '2026-01-02T00:00:00Z' }],
    ['until the end of time', { retryAt: Number.POSITIVE_INFINITY }],
  ] as [string, RefreshFailedErrorOptions][])('is over after ten minutes at most: %s', async (_, options) => {
    let calls = 0
    const { session, server, clock } = createKit({
      refresh(...given) {
        if (++calls === 1) throw new RefreshFailedError('busy', options)
        return server.refresh(...given)
      },
    })
    await session.getTokens()
    await clock.advance(HOUR)
    const { retryAt = 0 } = (await rejection(session.getTokens())) as RefreshFailedError
    expect(retryAt - clock.now()).toBeGreaterThan(0)
    expect(retryAt - clock.now()).toBeLessThanOrEqual(600_000)
    await clock.advance(600_000)
    expect((await session.getTokens()).accessToken).toBe('a2')
  })
})

test('waitUntil that rejects disturbs nobody', async () => {
  const { session, clock } = createKit({
    waitUntil: async () => {
      throw new Error('outside of a request')
    },
  })
  await session.getTokens()
  await clock.advance(HOUR)
  expect((await session.getTokens()).accessToken).toBe('a2')
})

test.each([
  ['a controller', new AbortController()],
  ['one that cannot be listened to', { aborted: false, addEventListener() {} }],
])('a signal that is none is an error of whoever gave it, and no rejection that nobody handles: %s', async (_, signal) => {
  const { session, stored, clock } = createKit()
  stored.tokens = null
  await rejection(session.getTokens({ signal: signal as unknown as AbortSignal }))
  await clock.advance(60_000)
  expect(await rejection(session.getTokens())).not.toBeInstanceOf(SessionEndedError)
})
