import { describe, expect, test } from 'vitest'
import { readTokens } from '../../src/core/tokens/read-tokens.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const jwt = (claims: object) =>
  `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.sig`

describe('readTokens', () => {
  test('reads the answer of Mercado Pago, and keeps what it does not know', () => {
    const { tokens } = readTokens(
      {
        access_token: 'APP_USR-1',
        token_type: 'bearer',
        expires_in: 15_552_000,
        scope: 'offline_access read',
        user_id: 123,
        refresh_token: 'TG-1',
        public_key: 'APP_USR-p',
        live_mode: true,
      },
      'answer',
      NOW,
    )
    expect(tokens).toEqual({
      accessToken: 'APP_USR-1',
      refreshToken: 'TG-1',
      tokenType: 'bearer',
      scope: 'offline_access read',
      issuedAt: NOW,
      expiresAt: NOW + 15_552_000_000,
      extra: { user_id: 123, public_key: 'APP_USR-p', live_mode: true },
    })
  })

  test('reads camelCase', () => {
    const { tokens } = readTokens({ accessToken: 'a', refreshToken: 'r', expiresIn: 60, tokenType: 'Bearer' }, 'answer', NOW)
    expect(tokens).toEqual({ accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', issuedAt: NOW, expiresAt: NOW + 60_000 })
  })

  test('reads a token set back as it was written', () => {
    const set = {
      accessToken: 'a',
      refreshToken: 'r',
      tokenType: 'bearer',
      issuedAt: NOW,
      expiresAt: NOW + 1000,
      scope: 's',
      extra: { user_id: 1 },
    }
    expect(readTokens(JSON.parse(JSON.stringify(set)), 'kept', NOW + 500)).toEqual({ tokens: set, ageUnknown: false })
  })

  test.each([
    ['a number', 3600],
    ['a numeric string', '3600'],
  ])('takes expires_in as %s', (_name, expires_in) => {
    expect(readTokens({ access_token: 'a', expires_in }, 'answer', NOW).tokens.expiresAt).toBe(NOW + 3600_000)
  })

  test.each([[undefined], [0], [-5], [Number.NaN], ['soon'], [null], [''], [Number.POSITIVE_INFINITY]])(
    'takes expires_in %s as unknown',
    (expires_in) => {
      expect(readTokens({ access_token: 'a', expires_in }, 'answer', NOW).tokens.expiresAt).toBeUndefined()
    },
  )

  test('takes an expires_in that is a date for a date', () => {
    expect(readTokens({ access_token: 'a', expires_in: (NOW + 86_400_000) / 1000 }, 'answer', NOW).tokens.expiresAt).toBe(NOW + 86_400_000)
  })

  test.each([
    ['ms', NOW + 5000],
    ['seconds', NOW / 1000 + 5],
    ['a Date', new Date(NOW + 5000)],
    ['an ISO string', '2026-01-01T00:00:05Z'],
    ['a numeric string', String(NOW + 5000)],
    ['an ISO string with an offset', '2026-01-01T02:00:05+02:00'],
  ])('takes expires_at as %s', (_name, expires_at) => {
    expect(readTokens({ access_token: 'a', expires_at }, 'kept', NOW).tokens.expiresAt).toBe(NOW + 5000)
  })

  test.each([['never'], [0], [-1], [Number.NaN], [{}], [9e15]])('takes an expires_at of %s as unknown', (expires_at) => {
    expect(readTokens({ access_token: 'a', expires_at }, 'kept', NOW).tokens.expiresAt).toBeUndefined()
  })

  test('counts a relative lifetime of something kept from its issue', () => {
    const issued = NOW - 1000_000
    expect(readTokens({ access_token: 'a', expires_in: 3600, issued_at: issued / 1000 }, 'kept', NOW)).toEqual({
      tokens: { accessToken: 'a', issuedAt: issued, expiresAt: issued + 3600_000 },
      ageUnknown: false,
    })
    expect(readTokens({ access_token: 'a', expires_in: 3600, created_at: new Date(issued) }, 'kept', NOW).tokens.expiresAt).toBe(
      issued + 3600_000,
    )
  })

  test('does not know the age of something kept without its issue', () => {
    expect(readTokens({ access_token: 'a', expires_in: 3600 }, 'kept', NOW)).toEqual({ tokens: { accessToken: 'a' }, ageUnknown: true })
  })

  test('counts a sign-in from now', () => {
    expect(readTokens({ access_token: 'a', expires_in: 3600, created_at: 1 }, 'sign-in', NOW).tokens).toMatchObject({
      issuedAt: NOW,
      expiresAt: NOW + 3600_000,
    })
  })

  test.each([
    ['an hour ahead', 3600_000],
    ['an hour behind', -3600_000],
  ])('does not trust a server clock that is %s', (_name, skew) => {
    const issued = NOW + skew
    const answer = { access_token: 'a', issuedAt: issued, expiresAt: issued + 600_000 }
    expect(readTokens(answer, 'answer', NOW).tokens).toMatchObject({ issuedAt: NOW, expiresAt: NOW + 600_000 })
  })

  test('takes an answer that has expired already for one of unknown lifetime', () => {
    expect(readTokens({ access_token: 'a', expires_at: NOW - 1 }, 'answer', NOW).tokens).toEqual({ accessToken: 'a', issuedAt: NOW })
  })

  test('counts the length of a JWT from the sending of the request', () => {
    const token = jwt({ iat: NOW / 1000 - 9000, exp: NOW / 1000 - 9000 + 300, sub: 'ü' })
    expect(readTokens({ access_token: token }, 'answer', NOW).tokens.expiresAt).toBe(NOW + 300_000)
  })

  test('takes the expiry of a JWT that was kept as it is', () => {
    const token = jwt({ iat: NOW / 1000 - 100, exp: NOW / 1000 + 200 })
    expect(readTokens({ access_token: token }, 'kept', NOW).tokens).toMatchObject({ issuedAt: NOW - 100_000, expiresAt: NOW + 200_000 })
  })

  test('believes expires_in rather than a JWT', () => {
    expect(readTokens({ access_token: jwt({ exp: 1 }), expires_in: 60 }, 'answer', NOW).tokens.expiresAt).toBe(NOW + 60_000)
  })

  test.each(['a.b', 'a.!!.c', `a.${btoa('not json')}.c`, `a.${btoa('null')}.c`, ''])('takes %j for an opaque token', (access_token) => {
    expect(readTokens({ access_token }, 'kept', NOW).tokens.expiresAt).toBeUndefined()
  })

  test.each([
    ['a number', 5],
    ['an object', { token: 'a' }],
    ['an empty string', ''],
    ['null', null],
  ])('does not take %s for a token', (_name, access_token) => {
    expect(readTokens({ access_token, refresh_token: access_token }, 'answer', NOW).tokens).toEqual({ issuedAt: NOW })
  })

  test('joins a list of scopes', () => {
    expect(readTokens({ access_token: 'a', scope: ['read', 'write'] }, 'kept', NOW).tokens.scope).toBe('read write')
  })

  test('does not let a body reach the prototype', () => {
    const { tokens } = readTokens(JSON.parse('{"access_token":"a","__proto__":{"polluted":true}}'), 'answer', NOW)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(tokens.extra)).toBe(Object.prototype)
  })

  test('knows the age of a kept answer that has both expires_in and expires_at', () => {
    const kept = { access_token: 'a', expires_in: 3600, expires_at: new Date(NOW + 60_000).toISOString() }
    const read = readTokens(kept, 'kept', NOW)
    expect(read).toEqual({ tokens: { accessToken: 'a', issuedAt: NOW - 3_540_000, expiresAt: NOW + 60_000 }, ageUnknown: false })
  })

  test("counts a fresh sign-in's JWT from now, as the server's clock may differ", () => {
    const server = NOW / 1000 - 3600
    const read = (claims: object) => readTokens({ access_token: jwt(claims) }, 'sign-in', NOW).tokens
    expect(read({ iat: server, exp: server + 600 })).toMatchObject({ issuedAt: NOW, expiresAt: NOW + 600_000 })
    expect(read({ exp: server + 600 }).expiresAt).toBeUndefined()
  })

  test.each([1e-9, '1e-9', 0.0009])('takes a lifetime below a millisecond (%s) for none', (expires_in) => {
    expect(readTokens({ access_token: 'a', expires_in }, 'answer', NOW).tokens).toEqual({ accessToken: 'a', issuedAt: NOW })
  })
})
