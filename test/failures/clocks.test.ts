import axios, { type AxiosAdapter } from 'axios'
import { attach, createSession, type Session, type SessionOptions, type TokenInput, type TokenSet } from 'axios-renew'
import { type FakeClock, fakeClock } from 'axios-renew/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settle } from '../../src/testing/settle.ts'
import { createKit, rejection } from '../support/session-kit.ts'
import { fail, TokenServer } from '../support/token-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A client's clock that can be wrong; it runs as fast as the right one. */
interface WrongClock extends FakeClock {
  /** What a right clock shows. */
  readonly truth: number
}

/** @param ahead how far it is ahead, in ms. */
function wrongClock(ahead = 0): WrongClock {
  const clock = fakeClock(Date.parse('2026-01-01T00:00:00Z') + ahead)
  let error = ahead
  return {
    ...clock,
    get pending() {
      return clock.pending
    },
    get truth() {
      return clock.now() - error
    },
    jump(ms) {
      error += ms
      clock.jump(ms)
    },
  }
}

/** A strict server whose access tokens live an hour of true time, and one row of storage. */
function setWorld({ oneAtATime = false } = {}) {
  const server = new TokenServer()
  const row: { tokens: TokenInput | null } = { tokens: server.firstPair }
  const issuedAt = new Map([['a1', Date.parse('2026-01-01T00:00:00Z')]])
  let current = 'a1'

  /** A process with a clock of its own; gives what sends one request. */
  function start(clock: WrongClock, options: Partial<SessionOptions> = {}): { session: Session; get: () => Promise<number> } {
    const session = createSession({
      clock,
      refreshAheadMs: 0,
      load: () => row.tokens,
      save: (tokens) => {
        row.tokens = JSON.parse(JSON.stringify(tokens))
      },
      async refresh(tokens, context) {
        const answer = await server.refresh(tokens, context)
        current = String((answer as TokenSet & { access_token: string }).access_token)
        issuedAt.set(current, clock.truth)
        return answer
      },
      ...options,
    })
    const adapter: AxiosAdapter = async (config) => {
      const token = String(config.headers.get('Authorization')).replace('Bearer ', '')
      const lives = clock.truth - Number(issuedAt.get(token)) < HOUR && (!oneAtATime || token === current)
      return { status: lives ? 200 : 401, statusText: '', headers: {}, config, data: '' }
    }
    const api = axios.create({ baseURL: 'https://api.example.com', adapter, validateStatus: () => true })
    attach(api, session)
    return { session, get: async () => (await api.get('/')).status }
  }
  return { server, row, start }
}

describe('a clock that jumps by an hour while the process runs', () => {
  test('again and again, for a day, costs at most one refresh a jump, and no request', async () => {
    const everyTenMinutes = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, HOUR, -HOUR), { minLength: 144, maxLength: 144 })
    await fc.assert(
      fc.asyncProperty(everyTenMinutes, async (jumps) => {
        const { server, start } = setWorld()
        const clock = wrongClock()
        const { get } = start(clock)
        for (const jump of jumps) {
          if (jump) clock.jump(jump)
          expect(await get()).toBe(200)
          await clock.advance(10 * MINUTE)
        }
        expect(server.requests).toBeLessThanOrEqual(24 + jumps.filter(Boolean).length)
        expect([server.revoked, server.sentTwice]).toEqual([false, []])
      }),
      { numRuns: Number(process.env.RUNS ?? 20) },
    )
  }, 120_000)

  test.each([
    ['forwards', HOUR, 2],
    ['back', -HOUR, 1],
  ])('%s during a token request does not loop', async (_name, jump, most) => {
    const { session, server, clock, stored } = createKit()
    stored.tokens = { refresh_token: 'r1' }
    server.hold = true
    const waiter = session.getTokens()
    await settle()
    clock.jump(jump)
    server.hold = false
    server.pending[0]?.answer()
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    for (let i = 0; i < 20; i++) {
      await session.getTokens()
      await settle()
    }
    expect(server.requests).toBeLessThanOrEqual(most)
    expect(server.revoked).toBe(false)
  })

  test.each([
    ['forwards', HOUR],
    ['back', -HOUR],
  ])('%s in an outage asks the server once more, not for ever', async (_name, jump) => {
    let requests = 0
    const { session, clock } = createKit({
      load: () => ({ refresh_token: 'r1' }),
      refresh: () => {
        requests++
        return fail(503)
      },
    })
    for (let i = 0; i < 50; i++) expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    expect(requests).toBe(1)
    clock.jump(jump)
    for (let i = 0; i < 50; i++) await rejection(session.getTokens())
    expect(requests).toBe(2)
    expect((await rejection(session.getTokens())).retryAt).toBeGreaterThan(clock.now())
  })

  test.each([
    ['forwards', HOUR],
    ['back', -HOUR],
  ])('%s while a request waits gives it no more time than its timeout', async (_name, jump) => {
    const { session, server, clock } = createKit()
    const timeouts: unknown[] = []
    const adapter: AxiosAdapter = async (config) => {
      timeouts.push(config.timeout)
      return { status: timeouts.length === 1 ? 401 : 200, statusText: '', headers: {}, config, data: '' }
    }
    const api = axios.create({ baseURL: 'https://api.example.com', adapter, validateStatus: () => true, timeout: 5000 })
    attach(api, session)
    server.hold = true
    const request = api.get('/').catch((error) => error)
    await settle()
    clock.jump(jump)
    server.pending[0]?.answer()
    await request
    expect(timeouts.length).toBe(2)
    for (const timeout of timeouts) expect(timeout).toBeLessThanOrEqual(5000)
  })

  test('does not keep a process from noticing a sign-in elsewhere', async () => {
    const { session, clock, stored, server } = createKit()
    stored.tokens = null
    await rejection(session.getTokens())
    for (const jump of [HOUR, -HOUR, -HOUR]) {
      clock.jump(jump)
      await rejection(session.getTokens())
    }
    stored.tokens = server.firstPair
    clock.jump(-HOUR)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })
})

describe('processes over one row whose clocks differ by hours', () => {
  test.each([
    ['keeps the former access token', false],
    ['kills the former access token', true],
  ])('share it for a day without a loop, when a refresh %s', async (_name, oneAtATime) => {
    const { server, start } = setWorld({ oneAtATime })
    const processes = [0, HOUR, -HOUR].map((ahead) => {
      const clock = wrongClock(ahead)
      return { clock, ...start(clock) }
    })
    for (let minutes = 0; minutes < 24 * 60; minutes += 5) {
      for (const { get } of processes) expect(await get()).toBe(200)
      for (const { clock } of processes) await clock.advance(5 * MINUTE)
    }
    // None of the three needs more than a token an hour.
    expect(server.requests).toBeLessThanOrEqual(3 * 25)
    expect([server.revoked, server.sentTwice]).toEqual([false, []])
  })

  test.each([
    ['an hour ahead', HOUR, 1],
    ['an hour behind', -HOUR, 0],
  ])('costs at most one refresh when the next process is %s', async (_name, ahead, refreshes) => {
    const { server, start } = setWorld()
    const { session } = start(wrongClock())
    await session.refresh()
    const { get } = start(wrongClock(ahead))
    for (let i = 0; i < 20; i++) expect(await get()).toBe(200)
    expect(server.requests).toBe(1 + refreshes)
  })
})
