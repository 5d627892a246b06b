import { oauth2 } from 'axios-renew'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { rejection } from '../support/session-kit.ts'
import { ANSWER, refreshWith, sessionWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const NOW = Date.parse('2026-05-01T12:00:00Z')

const wire = interceptWire()

// Only the date stands still: what the wire needs of timers goes on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('Retry-After', () => {
  test.each([
    ['seconds', '120', 120_000],
    ['a date', 'Fri, 01 May 2026 12:02:00 GMT', 120_000],
    ['more than ten minutes', '86400', 600_000],
    ['a date that is far away', 'Sat, 01 May 2027 12:00:00 GMT', 600_000],
  ])('in %s says how long to wait, in ms', async (_name, value, retryAfter) => {
    wire.answer(TOKEN_ENDPOINT, { status: 429, body: 'local_rate_limited', headers: { 'retry-after': value } })
    expect(await rejection(refreshWith())).toMatchObject({ code: 'ERR_REFRESH_FAILED', retryAfter })
  })

  test.each([
    ['an hour ahead', '13'],
    ['an hour behind', '11'],
  ])('as a date is one by the clock of the server, which is %s', async (_name, hour) => {
    const headers = { date: `Fri, 01 May 2026 ${hour}:00:00 GMT`, 'retry-after': `Fri, 01 May 2026 ${hour}:00:30 GMT` }
    wire.answer(TOKEN_ENDPOINT, { status: 429, body: 'local_rate_limited', headers })
    expect(await rejection(refreshWith())).toMatchObject({ retryAfter: 30_000 })
  })

  test.each([
    ['is missing', undefined],
    ['is zero', '0'],
    ['is negative', '-5'],
    ['is in the past', 'Fri, 01 May 2026 11:00:00 GMT'],
    ['is nonsense', 'soon'],
    ['is empty', ''],
  ])('that %s says nothing', async (_name, value) => {
    wire.answer(TOKEN_ENDPOINT, {
      status: 429,
      body: 'local_rate_limited',
      ...(value !== undefined && { headers: { 'retry-after': value } }),
    })
    const error = await rejection(refreshWith())
    expect([error.code, error.retryAfter]).toEqual(['ERR_REFRESH_FAILED', undefined])
  })

  test.each([
    [503, 'ERR_REFRESH_FAILED'],
    [502, 'ERR_REFRESH_UNCERTAIN'],
  ])('counts with status %s, too', async (status, code) => {
    wire.answer(TOKEN_ENDPOINT, { status, headers: { 'retry-after': '60' } })
    expect(await rejection(refreshWith())).toMatchObject({ code, retryAfter: 60_000 })
  })

  test('keeps the session from asking again until then, also on demand', async () => {
    wire.answer(TOKEN_ENDPOINT, { status: 429, headers: { 'retry-after': '120' } }, { body: ANSWER })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT }))
    await rejection(session.refresh())
    vi.setSystemTime(NOW + 119_000)
    expect(await rejection(session.refresh())).toMatchObject({ retryAt: NOW + 120_000 })
    expect(wire.requests).toHaveLength(1)
    vi.setSystemTime(NOW + 120_000)
    expect(await session.refresh()).toMatchObject({ accessToken: 'access-2' })
  })

  test('is missing: the session waits a little by itself', async () => {
    wire.answer(TOKEN_ENDPOINT, { status: 429, body: 'local_rate_limited' })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT }))
    const { retryAt } = await rejection(session.refresh())
    expect(retryAt).toBeGreaterThanOrEqual(NOW + 1000)
    expect(retryAt).toBeLessThanOrEqual(NOW + 2000)
  })
})
