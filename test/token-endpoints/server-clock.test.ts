import { oauth2 } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { sessionWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const wire = interceptWire()
const HOUR = 3600_000

/** A JWT without a signature. */
const jwt = (claims: object) => `e.${btoa(JSON.stringify(claims))}.s`

describe('an answer of a server whose clock is wrong', () => {
  test.each([
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
    ['right', 0],
  ])('by its Date header (%s) tells when the token expires here', async (_name, offset) => {
    const there = Math.floor((Date.now() + offset) / 1000) * 1000
    const headers = { date: new Date(there).toUTCString() }
    for (const body of [
      { access_token: 'access-2', expires_at: (there + 600_000) / 1000 },
      { access_token: 'access-2', expiresAt: new Date(there + 600_000).toISOString() },
      { access_token: jwt({ exp: (there + 600_000) / 1000 }) },
      { access_token: 'access-2', expires_in: 600, expires_at: 1 },
    ]) {
      wire.answer(TOKEN_ENDPOINT, { body, headers })
      const { expiresAt } = await sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT })).refresh()
      expect(Math.abs(Number(expiresAt) - Date.now() - 600_000)).toBeLessThan(5000)
    }
  })

  test('without a Date header is taken at its word', async () => {
    const expiresAt = Date.now() + 600_000
    wire.answer(TOKEN_ENDPOINT, { body: { access_token: 'access-2', expires_at: expiresAt }, headers: { date: 'no date' } })
    expect(await sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT })).refresh()).toMatchObject({ expiresAt })
  })

  test('keeps its tokens through mapResponse, too', async () => {
    const there = Math.floor(Date.now() / 1000) * 1000 + HOUR
    wire.answer(TOKEN_ENDPOINT, {
      body: { data: { token: 'access-2', until: there + 600_000 } },
      headers: { date: new Date(there).toUTCString() },
    })
    const session = sessionWith(
      oauth2({
        tokenEndpoint: TOKEN_ENDPOINT,
        mapResponse: (body) => {
          const { token, until } = (body as { data: { token: string; until: number } }).data
          return { accessToken: token, expiresAt: until }
        },
      }),
    )
    const { expiresAt } = await session.refresh()
    expect(Math.abs(Number(expiresAt) - Date.now() - 600_000)).toBeLessThan(5000)
  })
})
