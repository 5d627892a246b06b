import { describe, expect, test } from 'vitest'
import { createKit, type SessionKit } from '../support/session-kit.ts'
import { fail } from '../support/token-server.ts'

/** A session before a token endpoint that is down until it is told otherwise. */
function outage(refuse: () => never, expiresInMs: number) {
  const state = { down: true, tokenRequests: 0 }
  const kit: SessionKit = createKit({
    refresh: async (tokens, context) => {
      state.tokenRequests++
      return state.down ? refuse() : kit.server.refresh(tokens, context)
    },
    load: undefined,
    save: undefined,
    tokens: { access_token: 'a1', refresh_token: 'r1', expires_at: Date.parse('2026-01-01T00:00:00Z') + expiresInMs },
  })
  return Object.assign(kit, { state })
}

/** A hundred callers a second, for so long; tells how many were served. */
async function traffic({ session, clock }: SessionKit, seconds: number): Promise<{ served: number; refused: number }> {
  const seen = { served: 0, refused: 0 }
  for (let tick = 0; tick < seconds * 10; tick++) {
    for (let i = 0; i < 10; i++)
      session.getTokens().then(
        () => seen.served++,
        () => seen.refused++,
      )
    await clock.advance(100)
  }
  return seen
}

describe('an outage of a minute under 100 requests a second', () => {
  test.each([
    ['503', () => fail(503)],
    ['a network error', () => Promise.reject(new TypeError('fetch failed'))],
    ['a client that is refused', () => fail(400, { error: 'invalid_client' })],
    ['an answer without tokens', () => ({})],
  ] as [string, () => never][])('costs at most eight token requests when it shows as %s', async (_name, refuse) => {
    const kit = outage(refuse, -1)
    const during = await traffic(kit, 60)
    expect(during).toEqual({ served: 0, refused: 6000 })
    expect(kit.state.tokenRequests).toBeGreaterThanOrEqual(2)
    expect(kit.state.tokenRequests).toBeLessThanOrEqual(8)
    expect(kit.session.status).toBe('active')
  })

  test('is over for everybody, by itself, a minute after it is over', async () => {
    const kit = outage(() => fail(503), -1)
    await traffic(kit, 60)
    const before = kit.state.tokenRequests
    kit.state.down = false
    await traffic(kit, 60)
    expect(kit.state.tokenRequests - before).toBe(1)
    expect(await traffic(kit, 1)).toEqual({ served: 100, refused: 0 })
  })

  test('is not noticed while the access token is valid', async () => {
    const kit = outage(() => fail(503), 120_000)
    expect(await traffic(kit, 60)).toEqual({ served: 6000, refused: 0 })
    expect(kit.state.tokenRequests).toBeLessThanOrEqual(8)
  })

  test('is left in peace for as long as Retry-After says, at most ten minutes', async () => {
    const kit = outage(() => fail(429, 'slow down', { 'retry-after': '3600' }), -1)
    await traffic(kit, 599)
    expect(kit.state.tokenRequests).toBe(1)
    kit.state.down = false
    await traffic(kit, 2)
    expect(kit.state.tokenRequests).toBe(2)
  })

  test('gives everybody the same error, which says when to come back', async () => {
    const { session, clock, events } = outage(() => fail(503), -1)
    const errors = await Promise.all(Array.from({ length: 20 }, () => session.getTokens().catch((error) => error)))
    expect(new Set(errors).size).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'ERR_REFRESH_FAILED', retryAt: expect.any(Number) })
    await clock.advance(500)
    expect(await session.getTokens().catch((error) => error)).toBe(errors[0])
    expect(events.map(({ name }) => name)).toEqual(['refresh-failed'])
  })

  test('is forgotten by a sign-in', async () => {
    const kit = outage(() => fail(503), -1)
    await traffic(kit, 5)
    await kit.session.signIn({ access_token: 'next', refresh_token: 'next' })
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'next' })
    kit.state.down = false
    kit.state.tokenRequests = 0
    await kit.session.refresh().catch(() => {})
    expect(kit.state.tokenRequests).toBe(1)
  })
})
