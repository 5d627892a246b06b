import { createSession, type SessionOptions, type TokenInput, type TokenSet } from 'axios-renew'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../../../examples/servers/authorization-server.ts'
import { startMercadoPago } from '../../../examples/servers/mercado-pago.ts'
import { rejection } from '../../support/session-kit.ts'

/** A strict server: a refresh token works once, and one that is used twice revokes the grant. */
interface Strict {
  server: Omit<AuthorizationServer, 'authorize'>
  options: Pick<SessionOptions, 'refresh'>
  firstPair: TokenInput
}

const SELLER = 241983636

async function strictPago(): Promise<Strict> {
  const server = await startMercadoPago()
  onTestFinished(() => server.close())
  const { clientId, clientSecret, tokenEndpoint } = server
  return { server, options: mercadoPago({ clientId, clientSecret, tokenEndpoint }), firstPair: { ...(await server.authorize(SELLER)) } }
}

async function strictLibre(): Promise<Strict> {
  const server = await startAuthorizationServer({ accessToken: 21_600 })
  onTestFinished(() => server.close())
  const { clientId, clientSecret, tokenEndpoint } = server
  const firstPair = { ...(await server.authorize(String(SELLER))), user_id: SELLER }
  return { server, options: mercadoLibre({ clientId, clientSecret, tokenEndpoint }), firstPair }
}

describe.each([
  ['mercadoPago', strictPago, 15_552_000],
  ['mercadoLibre', strictLibre, 21_600],
] as const)('%s with a strict server', (_name, start, lifetime) => {
  test('rotates the pair again and again, once for all who ask', async () => {
    const { server, options, firstPair } = await start()
    const saved: (TokenSet | null)[] = []
    const session = createSession({ ...options, tokens: firstPair, save: (tokens) => saved.push(tokens) })
    const pairs = [await session.getTokens()]
    for (let round = 1; round <= 5; round++) {
      const rejected = pairs.at(-1) as TokenSet
      const answers = await Promise.all(Array.from({ length: 20 }, () => session.refresh({ rejected })))
      expect(new Set(answers).size).toBe(1)
      pairs.push(answers[0] as TokenSet)
    }

    expect(server.counters).toEqual({ tokenRequests: 5, refreshes: 5, reused: 0, grantsRevoked: 0 })
    expect(await server.grantAlive(String(SELLER))).toBe(true)
    expect(new Set(pairs.map(({ refreshToken }) => refreshToken)).size).toBe(6)
    // The first save is the pair that the session began with.
    expect(saved).toEqual(pairs)
    for (const { accessToken, issuedAt, expiresAt, extra } of pairs.slice(1)) {
      expect(await server.accepts(accessToken)).toBe(true)
      expect(Number(expiresAt) - Number(issuedAt)).toBe(lifetime * 1000)
      expect(extra).toMatchObject({ user_id: SELLER })
    }
  })

  test('goes on from the saved pair after a restart', async () => {
    const { server, options, firstPair } = await start()
    let row: TokenInput | null = firstPair
    const restart = () =>
      createSession({
        ...options,
        load: () => row,
        save: (tokens) => {
          row = JSON.parse(JSON.stringify(tokens))
        },
      })
    for (let run = 1; run <= 3; run++) await restart().refresh()
    expect(server.counters).toEqual({ tokenRequests: 3, refreshes: 3, reused: 0, grantsRevoked: 0 })
  })

  test('loses the seller when a spent refresh token is sent, as somebody would who keeps the first pair', async () => {
    const { server, options, firstPair } = await start()
    await createSession({ ...options, tokens: firstPair }).refresh()
    const error = await rejection(createSession({ ...options, tokens: firstPair }).refresh())
    expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', message: expect.stringContaining('invalid_grant') })
    expect(await server.grantAlive(String(SELLER))).toBe(false)
  })
})
