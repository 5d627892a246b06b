import { oauth2, RefreshFailedError, SessionEndedError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { rejection } from '../support/session-kit.ts'
import { ANSWER, refreshWith, sessionWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const wire = interceptWire()

describe('mapResponse', () => {
  test('turns an unusual body into tokens', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { code: 0, data: { access_token: 'access-2', refresh_token: 'refresh-2' } } })
    const session = sessionWith(
      oauth2({ tokenEndpoint: TOKEN_ENDPOINT, mapResponse: (body) => (body as { data: Record<string, unknown> }).data }),
    )
    expect(await session.refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
  })

  test.each([
    [400, { error: 'invalid_grant' }],
    [200, { error: 'bad_refresh_token' }],
    [503, {}],
  ])('does not see a refusal: %s %j', async (status, body) => {
    wire.answer(TOKEN_ENDPOINT, { status, body })
    const seen: unknown[] = []
    await rejection(
      refreshWith({
        mapResponse: (given) => {
          seen.push(given)
          return {}
        },
      }),
    )
    expect(seen).toEqual([])
  })

  test('that throws leaves an answer that cannot be read: the refresh token may be spent', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { unexpected: true } })
    const session = sessionWith(
      oauth2({ tokenEndpoint: TOKEN_ENDPOINT, mapResponse: (body) => (body as { data: { tokens: object } }).data.tokens as never }),
    )
    const error = await rejection(session.refresh())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN', cause: expect.any(TypeError) })
    expect(error.message).toContain('mapResponse')
    expect(session.status).toBe('active')
  })

  test('may say itself what the answer means', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { code: 40102 } })
    const session = sessionWith(
      oauth2({
        tokenEndpoint: TOKEN_ENDPOINT,
        mapResponse: () => {
          throw new SessionEndedError('the refresh token has expired')
        },
      }),
    )
    expect(await rejection(session.refresh())).toBeInstanceOf(SessionEndedError)
    expect(session.status).toBe('ended')
  })
})

describe('classifyError', () => {
  test.each([
    ['ended', 'ERR_SESSION_ENDED'],
    ['client-rejected', 'ERR_CLIENT_REJECTED'],
    ['failed', 'ERR_REFRESH_FAILED'],
    ['uncertain', 'ERR_REFRESH_UNCERTAIN'],
  ] as const)('decides that a refusal means %s', async (verdict, code) => {
    wire.answer(TOKEN_ENDPOINT, { status: 418, body: { error: 'teapot' } })
    const error = await rejection(refreshWith({ classifyError: () => verdict }))
    expect(error.code).toBe(code)
  })

  test('comes before the usual rules', async () => {
    wire.answer(TOKEN_ENDPOINT, { status: 400, body: { error: 'invalid_grant', sub: 'interaction' } })
    const error = await rejection(refreshWith({ classifyError: () => 'failed' }))
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe('ERR_REFRESH_FAILED')
  })

  test('leaves to the usual rules what it does not know', async () => {
    const seen: unknown[] = []
    wire.answer(TOKEN_ENDPOINT, { status: 400, body: { error: 'invalid_grant' } })
    const error = await rejection(
      refreshWith({
        classifyError: (answer) => {
          seen.push(answer)
          return undefined
        },
      }),
    )
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(seen).toEqual([{ status: 400, body: { error: 'invalid_grant' } }])
  })

  test('finds errors on 200, too', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { code: 40102, msg: 'refresh token expired' } })
    const error = await rejection(
      refreshWith({ classifyError: ({ body }) => ((body as { code?: number }).code === 40102 ? 'ended' : undefined) }),
    )
    expect(error).toBeInstanceOf(SessionEndedError)
  })

  test('does not stand in the way of tokens', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    expect(await refreshWith({ classifyError: () => undefined })).toEqual(ANSWER)
  })
})

describe('without a refresh token', () => {
  test('there is no token request, and the error says what may be missing', async () => {
    const error = await rejection(refreshWith({}, { accessToken: 'access-1' }))
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('offline_access')
    expect(wire.requests).toEqual([])
  })

  test('the session ends at a 401, and says so', async () => {
    const session = sessionWith({ ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT }), tokens: { access_token: 'access-1' } })
    const rejected = await session.getTokens()
    const error = await rejection(session.refresh({ rejected }))
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('offline_access')
    expect(session.status).toBe('ended')
  })

  test('a token that is still good is served on, and nothing is tried in the background', async () => {
    const issued_at = Date.now() - 3590_000
    const session = sessionWith({
      ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT }),
      tokens: { access_token: 'access-1', issued_at, expires_in: 3600 },
      minValidityMs: 0,
    })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'access-1' })
    expect(session.status).toBe('active')
  })
})
