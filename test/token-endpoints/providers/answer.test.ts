import { createSession, type TokenSet } from 'axios-renew'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { interceptWire } from '../../support/msw.ts'
import { rejection } from '../../support/session-kit.ts'
import { CLIENT, FIRST_PAIR, LIBRE_ANSWER, LIBRE_ENDPOINT, PAGO_ANSWER, PAGO_ENDPOINT, PROVIDERS } from './mercado.ts'

const DAY = 24 * 60 * 60 * 1000
const HOUR = 60 * 60 * 1000

const wire = interceptWire()
const clock = fakeClock()

/** Refreshes a session that is kept in storage; gives what it holds then, which is what it has saved. */
async function refreshed(options: ReturnType<typeof mercadoLibre>): Promise<TokenSet> {
  const saved: (TokenSet | null)[] = []
  const session = createSession({ ...options, clock, load: () => FIRST_PAIR, save: (tokens) => saved.push(tokens) })
  const tokens = await session.refresh()
  expect(saved).toEqual([tokens])
  return tokens
}

describe('the answer', () => {
  test('of Mercado Pago gives 180 days, and the seller with it', async () => {
    wire.answer(PAGO_ENDPOINT, { body: PAGO_ANSWER })
    const tokens = await refreshed(mercadoPago(CLIENT))
    expect(tokens).toEqual({
      accessToken: 'APP_USR-4934588586838432-2',
      refreshToken: 'TG-2-241983636',
      tokenType: 'bearer',
      scope: 'read write offline_access',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 180 * DAY,
      extra: { user_id: 241983636, public_key: 'APP_USR-d0a26210-2', live_mode: true },
    })
  })

  test('of Mercado Libre gives 6 hours, and the seller with it', async () => {
    wire.answer(LIBRE_ENDPOINT, { body: LIBRE_ANSWER })
    const tokens = await refreshed(mercadoLibre(CLIENT))
    expect(tokens).toEqual({
      accessToken: 'APP_USR-4934588586838432-2',
      refreshToken: 'TG-2-8035443',
      tokenType: 'bearer',
      scope: 'offline_access read write',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 6 * HOUR,
      extra: { user_id: 8035443 },
    })
  })

  test('for test credentials says so in live_mode', async () => {
    wire.answer(PAGO_ENDPOINT, { body: { ...PAGO_ANSWER, public_key: 'TEST-d0a26210-2', live_mode: false } })
    const session = createSession({ ...mercadoPago({ ...CLIENT, testToken: true }), tokens: FIRST_PAIR })
    expect((await session.refresh()).extra).toEqual({ user_id: 241983636, public_key: 'TEST-d0a26210-2', live_mode: false })
  })

  test('to the exchange of the code is what the session signs in with', async () => {
    const session = createSession({ ...mercadoPago(CLIENT), clock })
    await session.signIn(PAGO_ANSWER)
    expect(await session.getTokens()).toMatchObject({
      accessToken: PAGO_ANSWER.access_token,
      expiresAt: clock.now() + 180 * DAY,
      extra: { user_id: 241983636 },
    })
  })
})

describe.each(PROVIDERS)('the answer to %s', (_name, provider, endpoint, answer) => {
  test('without a refresh token leaves the one there is, which is sent next', async () => {
    const { refresh_token: _none, ...rest } = answer
    wire.answer(endpoint, { body: { ...rest, access_token: 'APP_USR-2' } }, { body: { ...answer, access_token: 'APP_USR-3' } })
    const session = createSession({ ...provider(CLIENT), tokens: FIRST_PAIR })
    const rejected = await session.refresh()
    expect(rejected).toMatchObject({ accessToken: 'APP_USR-2', refreshToken: 'TG-1-seller' })
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'APP_USR-3', refreshToken: answer.refresh_token })
    expect(wire.requests.map(({ body }) => /TG-\d/.exec(body)?.[0])).toEqual(['TG-1', 'TG-1'])
  })

  test('that leaves out fields keeps those that are known of the seller', async () => {
    wire.answer(endpoint, { body: { access_token: 'APP_USR-2', refresh_token: 'TG-2' } })
    const tokens = { ...FIRST_PAIR, scope: 'read offline_access', user_id: 7, public_key: 'APP_USR-public', live_mode: true }
    const fresh = await createSession({ ...provider(CLIENT), tokens }).refresh()
    expect(fresh).toMatchObject({ scope: 'read offline_access', extra: { user_id: 7, public_key: 'APP_USR-public', live_mode: true } })
  })

  test("about another seller is refused, and this one's pair stays", async () => {
    wire.answer(endpoint, { body: { ...answer, user_id: 666 } })
    const saved: (TokenSet | null)[] = []
    const session = createSession({
      ...provider(CLIENT),
      load: () => ({ ...FIRST_PAIR, user_id: answer.user_id }),
      save: (pair) => saved.push(pair),
    })
    expect((await rejection(session.refresh())).message).toContain('another user')
    expect(saved).toEqual([])
    expect(await session.getTokens()).toMatchObject({ accessToken: FIRST_PAIR.access_token, extra: { user_id: answer.user_id } })
  })
})
