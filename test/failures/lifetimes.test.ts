import { createSession, type TokenInput } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { settle } from '../../src/testing/settle.ts'
import { createKit } from '../support/session-kit.ts'
import { TokenServer } from '../support/token-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('expires_in of every silly kind', () => {
  test.each([
    ...['3600s', '1h', '3,600', ' ', '-3600', 'Infinity', '0x10', '1e3', '2026-01-01T01:00:00Z'],
    ...[true, false, {}, [], [3600], new Date('2026-01-01T01:00:00Z'), Number.NEGATIVE_INFINITY],
    ...[0.5, 1, 2 ** 31, 1e9, 1e9 + 1, 9e15, 1e300, -1e300, 3600n],
  ])('%o is understood or ignored: no loop, and what is saved is plain data', async (expires_in) => {
    let count = 0
    let issuedAt = 0
    const early: object[] = []
    const { session, saved, clock } = createKit({
      refresh() {
        // A token is replaced in the last half of its life. The nearer a moment that a server names, the shorter that is.
        const { expiresAt = Number.POSITIVE_INFINITY } = saved.at(-1) ?? {}
        if (count > 0 && clock.now() < issuedAt + (expiresAt - issuedAt) / 2) early.push({ issuedAt, expiresAt, now: clock.now() })
        issuedAt = clock.now()
        return { access_token: `b${++count}`, refresh_token: `s${count}`, expires_in } as TokenInput
      },
    })
    const start = clock.now()
    await session.refresh()
    for (let i = 0; i < 100; i++) {
      expect((await session.getTokens()).accessToken).toBe(`b${count}`)
      await settle()
    }
    expect(count).toBe(1)
    const [tokens] = saved
    expect(JSON.parse(JSON.stringify(tokens))).toEqual(tokens)
    if (tokens?.expiresAt !== undefined) expect(tokens.expiresAt).toBeGreaterThan(start)
    // Each use finds one that works.
    const lifetime = tokens?.expiresAt === undefined ? Number.POSITIVE_INFINITY : tokens.expiresAt - start
    for (const step of [10, 100, 1000, MINUTE]) {
      const before = count
      for (let i = 0; i < 60; i++) {
        await clock.advance(step)
        expect((await session.getTokens()).accessToken).toBe(`b${count}`)
      }
      await settle()
      expect(count - before, `${step} ms`).toBeLessThanOrEqual(60)
      if (lifetime <= step) expect(count - before, `${step} ms`).toBeGreaterThan(0)
    }
    expect(early).toEqual([])
  })
})

describe('a token that lives 180 days', () => {
  test('needs no timer that the machine cannot hold, however patient the app is', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const server = new TokenServer()
    server.expiresIn = 15_552_000
    const session = createSession({
      refresh: server.refresh,
      save: async () => {},
      tokens: server.firstPair,
      refreshTimeoutMs: Number.POSITIVE_INFINITY,
      refreshAheadMs: 30 * DAY,
      minValidityMs: 29 * DAY,
    })
    const { expiresAt = 0 } = await session.refresh()
    for (let i = 0; i < 20; i++) await session.getTokens({ minValidityMs: 100 * DAY })
    await session.close()
    await settle()
    process.off('warning', note)
    expect(warnings).toEqual([])
    expect(server.requests).toBe(1)
    expect(Math.round((expiresAt - Date.now()) / DAY)).toBe(180)
  })
})

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'America/Santiago', 'Australia/Lord_Howe', 'Pacific/Apia']
/** Moments when clocks are put forward or back in one of them. */
const CHANGES = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-09-06T04:00Z', '2026-10-03T15:30Z', '2026-03-08T05:30Z']

/** After how many minutes a token of an hour is replaced that is kept with such times. */
async function minutesUntilRefresh(start: number, write: (ms: number) => unknown): Promise<number> {
  const clock = fakeClock(start)
  const server = new TokenServer()
  const kept = { ...server.firstPair, issued_at: write(start), expires_at: write(start + HOUR) }
  const session = createSession({ refresh: server.refresh, load: () => kept, clock, refreshAheadMs: 0, minValidityMs: MINUTE })
  for (let minutes = 0; ; minutes++) {
    if ((await session.getTokens()).accessToken !== 'a1') return minutes
    await clock.advance(MINUTE)
  }
}

describe('the time zone of the machine', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('follows the environment variable TZ, so that the next tests mean something', () => {
    vi.stubEnv('TZ', 'UTC')
    expect(new Date('2026-07-01T12:00:00Z').getHours()).toBe(12)
    vi.stubEnv('TZ', 'Europe/Berlin')
    expect(['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'].map((time) => new Date(time).getHours())).toEqual([1, 3])
  })

  test.each(ZONES)('does not matter when clocks are put forward or back: %s', async (zone) => {
    vi.stubEnv('TZ', zone)
    for (const change of CHANGES) {
      const start = Date.parse(change) - HOUR / 2
      expect(await minutesUntilRefresh(start, (ms) => ms)).toBe(59)
      expect(await minutesUntilRefresh(start, (ms) => new Date(ms))).toBe(59)
      expect(await minutesUntilRefresh(start, (ms) => new Date(ms).toISOString())).toBe(59)
    }
  })
})
