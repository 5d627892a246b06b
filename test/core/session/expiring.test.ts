import { oauth2 } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection, type SessionKit } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

const MINUTE = 60_000

/** Stores a pair with so much of its hour left. */
function leave({ stored, server, clock }: SessionKit, left: number): void {
  stored.tokens = { ...server.firstPair, issued_at: clock.now() + left - 60 * MINUTE, expires_at: clock.now() + left }
}

describe('expiring tokens', () => {
  test('serves a token that is due, and refreshes it once in the background', async () => {
    const kit = createKit()
    leave(kit, 4 * MINUTE)
    kit.server.hold = true
    expect(await Promise.all([kit.session.getTokens(), kit.session.getTokens()])).toMatchObject([
      { accessToken: 'a1' },
      { accessToken: 'a1' },
    ])
    await settle()
    expect(kit.server.requests).toBe(1)
    kit.server.pending[0]?.answer()
    await settle()
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('waits when the token is about to expire', async () => {
    const kit = createKit()
    leave(kit, MINUTE / 4)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('serves a token that is about to expire when the refresh fails', async () => {
    const kit = createKit({ refresh: async () => fail(503) })
    leave(kit, MINUTE / 4)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a1' })
    await kit.clock.advance(MINUTE / 4)
    expect(await rejection(kit.session.getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })

  test('gives tokens that last as long as the caller asks', async () => {
    const kit = createKit()
    expect(await kit.session.getTokens({ minValidityMs: 20 * MINUTE })).toMatchObject({ accessToken: 'a1' })
    leave(kit, 15 * MINUTE)
    const other = createKit({ load: () => kit.stored.tokens })
    expect(await other.session.getTokens({ minValidityMs: 20 * MINUTE })).toMatchObject({ accessToken: 'a2' })
  })

  test('makes no background refresh when told not to', async () => {
    const kit = createKit({ refreshAheadMs: 0 })
    leave(kit, MINUTE)
    await kit.session.getTokens()
    await settle()
    expect(kit.server.requests).toBe(0)
  })

  test('hands background work to waitUntil', async () => {
    const work: Promise<unknown>[] = []
    const kit = createKit({ waitUntil: (promise) => void work.push(promise) })
    leave(kit, MINUTE)
    await kit.session.getTokens()
    await Promise.all(work)
    expect(work).toHaveLength(1)
    expect(kit.saved).toMatchObject([{ accessToken: 'a2' }])
  })

  test('keeps a failed background refresh to itself', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    const kit = createKit({ refresh: async () => fail(500) })
    leave(kit, MINUTE)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a1' })
    await kit.clock.advance(1000)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
    expect(kit.events).toMatchObject([{ name: 'refresh-failed', waiters: 0 }])
  })

  test('does not loop on tokens that live five seconds', async () => {
    const kit = createKit()
    kit.server.expiresIn = 5
    await kit.session.refresh()
    for (let i = 0; i < 100; i++) await kit.session.getTokens()
    await settle()
    expect(kit.server.requests).toBe(1)
    await kit.clock.advance(2000)
    await kit.session.getTokens()
    await settle()
    expect(kit.server.requests).toBe(1)
  })

  test('serves a token that arrives inside its window, and refreshes no request twice', async () => {
    let count = 0
    const kit = createKit({
      minValidityMs: 10 * MINUTE,
      refresh: async () => ({ access_token: `b${++count}`, expires_in: 60 }),
      load: () => ({ refresh_token: 'r' }),
    })
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'b1' })
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'b1' })
    expect(count).toBe(1)
    await kit.clock.advance(30_000)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'b2' })
  })

  test.each([
    ['missing', undefined],
    ['zero', 0],
    ['negative', -1],
    ['not a number', Number.NaN],
  ])('never refreshes by the clock when expires_in is %s', async (_name, expires_in) => {
    let count = 0
    const kit = createKit({ refresh: async () => ({ access_token: `b${++count}`, expires_in }) })
    await kit.session.refresh()
    await kit.clock.advance(1000 * 24 * 60 * MINUTE)
    await kit.session.getTokens()
    await settle()
    expect(count).toBe(1)
  })

  test.each([
    ['an hour ahead', 60 * MINUTE],
    ['an hour behind', -60 * MINUTE],
  ])('does not loop when the clock of the server is %s', async (_name, skew) => {
    let count = 0
    const kit = createKit({ refresh: async () => ({ accessToken: `b${++count}`, expiresAt: kit.clock.now() + skew + 10 * MINUTE }) })
    await kit.session.refresh()
    for (let i = 0; i < 20; i++) {
      await kit.session.getTokens()
      await settle()
    }
    expect(count).toBe(1)
  })

  test.each([
    ['forwards', 60 * MINUTE],
    ['back', -60 * MINUTE],
  ])('does not loop when the clock jumps %s', async (_name, jump) => {
    const kit = createKit()
    await kit.session.getTokens()
    kit.clock.jump(jump)
    for (let i = 0; i < 20; i++) {
      await kit.session.getTokens()
      await settle()
    }
    expect(kit.server.requests).toBeLessThanOrEqual(1)
  })

  test('holds 180 days, and needs no timer for it', async () => {
    const kit = createKit({ refreshAheadMs: 30 * 24 * 60 * MINUTE })
    kit.server.expiresIn = 15_552_000
    await kit.session.refresh()
    expect(kit.clock.pending).toBe(0)
    await kit.clock.advance(149 * 24 * 60 * MINUTE)
    await kit.session.getTokens()
    await settle()
    expect(kit.server.requests).toBe(1)
    // Up to a tenth of the 30 days is left out, so that a fleet does not renew on one day.
    await kit.clock.advance(5 * 24 * 60 * MINUTE)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a2' })
    await settle()
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'a3' })
  })

  test('lets a token without a refresh token be used to its end, whatever is asked of it', async () => {
    const { session, clock } = createKit({
      ...oauth2({ tokenEndpoint: 'https://auth.example.com/token' }),
      load: undefined,
      tokens: lonely(),
    })
    expect(await session.getTokens({ minValidityMs: 300_000 })).toMatchObject({ accessToken: 'a1' })
    await clock.advance(199_000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
    expect(session.status).toBe('active')
    await clock.advance(1000)
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_SESSION_ENDED' })

    function lonely() {
      const now = Date.parse('2026-01-01T00:00:00Z')
      return { access_token: 'a1', expires_at: now + 200_000, issued_at: now - 3_400_000 }
    }
  })

  test.each([Number.NaN, -1, '5'])('refuses %s for minValidityMs', async (minValidityMs) => {
    const { session } = createKit()
    expect(await rejection(session.getTokens({ minValidityMs: minValidityMs as number }))).toBeInstanceOf(TypeError)
  })
})
