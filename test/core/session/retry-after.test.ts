import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3600_000
const date = (ms: number) => new Date(ms).toUTCString()

/** How long the session rests after a refusal with these headers, in ms; the clock stands still. */
async function restAfter(headers: Record<string, string> | Headers): Promise<number> {
  const { session, clock } = createKit({ refresh: async () => fail(429, 'slow down', headers as Record<string, string>) })
  const { retryAt } = await rejection(session.refresh())
  return Number(retryAt) - clock.now()
}

describe('a date in Retry-After', () => {
  test.each([
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
    ['right', 0],
  ])('counts from the Date of the answer: the clock of the server is %s', async (_name, offset) => {
    const there = NOW + offset
    const headers = { date: date(there), 'retry-after': date(there + 30_000) }
    expect([await restAfter(headers), await restAfter(new Headers(headers))]).toEqual([30_000, 30_000])
  })

  test.each([
    ['no Date', {}],
    ['a Date that is none', { date: 'yesterday' }],
  ])('counts from now where there is %s', async (_name, others) => {
    expect(await restAfter({ ...others, 'retry-after': date(NOW + 30_000) })).toBe(30_000)
  })

  test('that is before the Date of the answer says nothing: the session rests by itself', async () => {
    const rest = await restAfter({ date: date(NOW - HOUR), 'retry-after': date(NOW - HOUR - 1000) })
    expect(rest).toBeGreaterThanOrEqual(1000)
    expect(rest).toBeLessThanOrEqual(2000)
  })

  test('is obeyed for ten minutes at most', async () => {
    expect(await restAfter({ date: date(NOW + HOUR), 'retry-after': date(NOW + 3 * HOUR) })).toBe(600_000)
  })
})

test('Seconds in Retry-After do not mind what the Date says', async () => {
  expect(await restAfter({ date: date(NOW - HOUR), 'retry-after': '30' })).toBe(30_000)
})
