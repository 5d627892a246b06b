import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type OAuth2Options, oauth2 } from 'axios-renew'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'
import { createKit, type SessionKit } from '../support/session-kit.ts'
import { fail } from '../support/token-server.ts'

afterEach(() => {
  vi.useRealTimers()
})

const EXPIRED = { access_token: 'a1', refresh_token: 'r1', expires_at: Date.parse('2026-01-01T00:00:00Z') - 1 }

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

/** The same before a token endpoint on a port, by `oauth2`. `settle` waits for what goes over the wire. */
async function outageOfServer(answer: (response: ServerResponse) => void, options: Partial<OAuth2Options> = {}) {
  const port = { tokenRequests: 0, connections: 0 }
  const listener = createServer((request, response) => {
    port.tokenRequests++
    request.resume().on('end', () => answer(response))
  }).on('connection', () => port.connections++)
  const { refresh } = oauth2({ tokenEndpoint: `${await listen(listener)}/token`, ...options })
  onTestFinished(() => close(listener))
  // The retries of axios-retry wait by the global clock.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let running = 0
  const kit = createKit({
    refresh: async (tokens, context) => {
      running++
      return Promise.resolve(refresh(tokens, context)).finally(() => running--)
    },
  })
  kit.stored.tokens = EXPIRED
  const settle = async () => {
    while (running) await new Promise((resolve) => setImmediate(resolve)).then(() => vi.advanceTimersByTimeAsync(10))
  }
  return Object.assign(kit, { port, listener, settle })
}

/** A hundred callers a second, for so long; tells how many were served. */
async function traffic(
  { session, clock, settle }: SessionKit & { settle?: () => Promise<void> },
  seconds: number,
): Promise<{ served: number; refused: number }> {
  const seen = { served: 0, refused: 0 }
  for (let tick = 0; tick < seconds * 10; tick++) {
    for (let i = 0; i < 10; i++)
      session.getTokens().then(
        () => seen.served++,
        () => seen.refused++,
      )
    await clock.advance(100)
    await settle?.()
  }
  // What came over the wire last is told now.
  await clock.advance(0)
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

  test.each([
    ['502', {}, 502],
    ['502 where a spent token may be sent once more', { reuseGraceMs: 60_000 }, 502],
    ['a reset where a spent token may be sent once more', { reuseGraceMs: 60_000 }, 0],
  ])('costs at most eight token requests of oauth2 when it shows as %s', async (_name, options, status) => {
    const kit = await outageOfServer((response) => (status ? response.writeHead(status).end() : response.destroy()), options)
    expect(await traffic(kit, 60)).toEqual({ served: 0, refused: 6000 })
    expect(kit.port.tokenRequests).toBeGreaterThanOrEqual(2)
    expect(kit.port.tokenRequests).toBeLessThanOrEqual(8)
    expect(kit.session.status).toBe('active')
  })

  test('costs no token request of oauth2 when connections are refused, and is over when they are not', async () => {
    const kit = await outageOfServer((response) => response.end(JSON.stringify({ access_token: 'a2', refresh_token: 'r2' })))
    const { port } = kit.listener.address() as AddressInfo
    await close(kit.listener)
    expect(await traffic(kit, 60)).toEqual({ served: 0, refused: 6000 })
    await new Promise<void>((resolve) => kit.listener.listen(port, '127.0.0.1', resolve))
    await traffic(kit, 60)
    expect(await traffic(kit, 1)).toEqual({ served: 100, refused: 0 })
    expect([kit.port.tokenRequests, kit.port.connections]).toEqual([1, 1])
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
