import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, type SessionKit } from '../../support/session-kit.ts'
import { CLIENT } from './mercado.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

afterEach(() => {
  vi.restoreAllMocks()
})

/** A seller's session with the windows of a provider, whose pair was issued this moment. */
function kitOf(provider: typeof mercadoPago | typeof mercadoLibre, lifetime: number, random = 0): SessionKit {
  // Sessions spread their background refreshes at random: by nothing at 0, by a tenth at 1.
  vi.spyOn(Math, 'random').mockReturnValue(random)
  const { refresh: _real, ...options } = provider(CLIENT) as ReturnType<typeof mercadoPago>
  const kit = createKit(options)
  const { server, clock, stored } = kit
  server.expiresIn = lifetime / 1000
  stored.tokens = { ...server.firstPair, expires_in: lifetime / 1000, issued_at: clock.now() }
  return kit
}

/** Which access token is served then, and how many token requests that has set going. */
async function servedAt({ session, clock, server }: SessionKit, age: number): Promise<[accessToken: string, requests: number]> {
  const { accessToken } = await session.getTokens()
  clock.jump(age)
  const served = (await session.getTokens()).accessToken
  expect(accessToken).toBe('a1')
  await settle()
  return [served, server.requests]
}

describe('a seller of Mercado Pago', () => {
  test.each([0, 1, 100, 149].map((day) => [day, day * DAY] as const))('is left alone on day %d', async (_day, age) => {
    expect(await servedAt(kitOf(mercadoPago, 180 * DAY), age)).toEqual(['a1', 0])
  })

  test('is left alone until the last moment of day 150', async () => {
    expect(await servedAt(kitOf(mercadoPago, 180 * DAY), 150 * DAY - 1)).toEqual(['a1', 0])
  })

  test.each([150 * DAY, 165 * DAY, 180 * DAY - MINUTE])('is renewed in the background %d ms after the sign-in', async (age) => {
    const kit = kitOf(mercadoPago, 180 * DAY)
    expect(await servedAt(kit, age)).toEqual(['a1', 1])
    const { session, server, clock, saved } = kit
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2', refreshToken: 'r2', expiresAt: clock.now() + 180 * DAY })
    expect(saved).toHaveLength(1)
    expect(server.received).toEqual(['r1'])
  })

  test('is renewed 27 days ahead at the latest, so that a fleet does not ask at once', async () => {
    expect(await servedAt(kitOf(mercadoPago, 180 * DAY, 1), 153 * DAY - 1)).toEqual(['a1', 0])
    expect(await servedAt(kitOf(mercadoPago, 180 * DAY, 1), 153 * DAY)).toEqual(['a1', 1])
  })

  test.each([180 * DAY - 30_000, 180 * DAY, 200 * DAY])('waits for the new pair %d ms after the sign-in', async (age) => {
    expect(await servedAt(kitOf(mercadoPago, 180 * DAY), age)).toEqual(['a2', 1])
  })

  test('stays connected for years when there is a request a month', async () => {
    const kit = kitOf(mercadoPago, 180 * DAY)
    for (let month = 0; month < 60; month++) {
      await kit.session.getTokens()
      await settle()
      kit.clock.jump(30 * DAY)
    }
    expect(kit.session.status).toBe('active')
    expect(kit.server).toMatchObject({ requests: 11, sentTwice: [], revoked: false })
  })

  test('with a token of 6 hours is renewed after half of them, not at every request', async () => {
    const kit = kitOf(mercadoPago, 6 * HOUR)
    expect(await servedAt(kit, 3 * HOUR - 1)).toEqual(['a1', 0])
    expect(await servedAt(kitOf(mercadoPago, 6 * HOUR), 3 * HOUR)).toEqual(['a1', 1])
  })
})

describe('a seller of Mercado Libre', () => {
  test.each([0, HOUR, 5 * HOUR, 6 * HOUR - 5 * MINUTE - 1])('is left alone %d ms after the sign-in', async (age) => {
    expect(await servedAt(kitOf(mercadoLibre, 6 * HOUR), age)).toEqual(['a1', 0])
  })

  test.each([6 * HOUR - 5 * MINUTE, 6 * HOUR - 30_001])('is renewed in the background %d ms after the sign-in', async (age) => {
    const kit = kitOf(mercadoLibre, 6 * HOUR)
    expect(await servedAt(kit, age)).toEqual(['a1', 1])
    const { session, clock } = kit
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2', expiresAt: clock.now() + 6 * HOUR })
  })

  test.each([6 * HOUR - 30_000, 6 * HOUR, 30 * DAY])('waits for the new pair %d ms after the sign-in', async (age) => {
    expect(await servedAt(kitOf(mercadoLibre, 6 * HOUR), age)).toEqual(['a2', 1])
  })
})

describe('what is spread into createSession', () => {
  test('has the windows of the provider', () => {
    expect(mercadoPago(CLIENT)).toEqual({
      refresh: expect.any(Function),
      client: 'https://api.mercadopago.com/oauth/token 4934588586838432',
      refreshAheadMs: 30 * DAY,
      shouldRefresh: expect.any(Function),
    })
    expect(mercadoLibre(CLIENT)).toEqual({
      refresh: expect.any(Function),
      client: 'https://api.mercadolibre.com/oauth/token 4934588586838432',
      shouldRefresh: expect.any(Function),
    })
  })

  test('may be changed by the app', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { refresh: _real, ...options } = mercadoPago(CLIENT)
    const { session, server, clock } = createKit({ ...options, refreshAheadMs: 5 * MINUTE })
    clock.jump(HOUR - 5 * MINUTE - 1)
    await session.getTokens()
    await settle()
    expect(server.requests).toBe(0)
  })
})
