import { createSession, RefreshFailedError, SessionEndedError } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { interceptWire, type WireAnswer } from '../../support/msw.ts'
import { rejection } from '../../support/session-kit.ts'
import { CLIENT, FIRST_PAIR, PROVIDERS } from './mercado.ts'

const wire = interceptWire()

/** An error body as both providers write it. */
function body(error: string, message: string, status = 400) {
  return { message, error, status, cause: [] }
}

type Row = [name: string, answer: WireAnswer, said: string]

const ENDING: Row[] = [
  [
    'a refresh token that is spent or too old',
    {
      status: 400,
      body: body('invalid_grant', 'Error validating grant. Your authorization code or refresh token may be expired or it was already used'),
    },
    'status 400, invalid_grant, Error validating grant. Your authorization code or refresh token may be expired or it was already used',
  ],
  [
    'an app that the seller has removed',
    { status: 400, body: body('unauthorized_application', 'the application is not authorized') },
    'status 400, unauthorized_application, the application is not authorized',
  ],
  [
    'a code under errorKey',
    { status: 400, body: { errorKey: 'invalid_grant', message: 'Error validating grant' } },
    'status 400, invalid_grant, Error validating grant',
  ],
  [
    'a code under code, a text under error_description',
    { status: 400, body: { code: 'invalid_grant', error_description: 'Error validating grant' } },
    'status 400, invalid_grant, Error validating grant',
  ],
]

const REJECTING_THE_CLIENT: Row[] = [
  [
    'a wrong secret, which is a 400',
    { status: 400, body: body('invalid_client', 'invalid client_id or client_secret.') },
    'status 400, invalid_client, invalid client_id or client_secret.',
  ],
  [
    'an app without a grant of this seller',
    { status: 400, body: body('unauthorized_client', 'The client is not authorized') },
    'status 400, unauthorized_client, The client is not authorized',
  ],
  ['a wrong scope', { status: 400, body: body('invalid_scope', 'Invalid scope') }, 'status 400, invalid_scope, Invalid scope'],
  [
    'a wrong grant type',
    { status: 400, body: body('unsupported_grant_type', 'Unsupported grant_type') },
    'status 400, unsupported_grant_type, Unsupported grant_type',
  ],
  ['forbidden', { status: 403, body: body('forbidden', 'forbidden', 403) }, 'status 403, forbidden, forbidden'],
]

const FAILING: Row[] = [
  ['too many requests, in plain text', { status: 429, body: 'local_rate_limited' }, 'status 429'],
  ['an outage', { status: 503, body: body('service_unavailable', 'try later', 503) }, 'status 503, service_unavailable, try later'],
]

const UNCERTAIN: Row[] = [
  ['an internal error', { status: 500, body: body('internal_error', 'internal_error', 500) }, 'status 500, internal_error, internal_error'],
  ['a gateway that gave up', { status: 504, body: '<html>504 Gateway Time-out</html>' }, 'status 504'],
]

const KEEPING = [
  ...REJECTING_THE_CLIENT.map((row) => [...row, 'ERR_CLIENT_REJECTED'] as const),
  ...FAILING.map((row) => [...row, 'ERR_REFRESH_FAILED'] as const),
  ...UNCERTAIN.map((row) => [...row, 'ERR_REFRESH_UNCERTAIN'] as const),
]

describe.each(PROVIDERS)('%s', (_name, provider, endpoint, tokens) => {
  const sessionOf = () => createSession({ ...provider(CLIENT), tokens: FIRST_PAIR })

  test.each(ENDING)('ends the session at %s', async (_what, answer, said) => {
    wire.answer(endpoint, answer)
    const session = sessionOf()
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain(`(${said})`)
    expect(session.status).toBe('ended')
    // The refresh token is not sent again.
    await rejection(session.refresh())
    expect(wire.requests).toHaveLength(1)
  })

  test.each(KEEPING)('keeps the session at %s', async (_what, answer, said, code) => {
    wire.answer(endpoint, answer)
    const session = sessionOf()
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`(${said})`)
    expect(session.status).toBe('active')
    expect(await session.getTokens()).toMatchObject({ accessToken: FIRST_PAIR.access_token, refreshToken: FIRST_PAIR.refresh_token })
    // The POST is not repeated, as the SDK of the provider does: the server may have acted.
    expect(wire.requests).toHaveLength(1)
  })

  test('tells an app to ask later when the provider says when', async () => {
    wire.answer(endpoint, { status: 429, body: 'local_rate_limited', headers: { 'retry-after': '30' } })
    const before = Date.now()
    const { retryAt } = await rejection(sessionOf().refresh())
    expect(retryAt).toBeGreaterThanOrEqual(before + 30_000)
    expect(retryAt).toBeLessThanOrEqual(Date.now() + 30_000)
  })

  test('says that the token was probably spent when it is refused after a lost answer', async () => {
    wire.answer(endpoint, { status: 500 }, { status: 400, body: body('invalid_grant', 'Error validating grant') })
    const clock = fakeClock()
    const session = createSession({ ...provider(CLIENT), tokens: FIRST_PAIR, clock })
    await rejection(session.refresh())
    clock.jump(60_000)
    expect((await rejection(session.refresh())).message).toContain('it probably spent the token')
  })

  test('goes on after a wrong secret was put right', async () => {
    wire.answer(endpoint, { status: 400, body: body('invalid_client', 'invalid client_id or client_secret.') }, { body: tokens })
    await rejection(sessionOf().refresh())
    expect(await sessionOf().refresh()).toMatchObject({ accessToken: tokens.access_token })
  })
})
