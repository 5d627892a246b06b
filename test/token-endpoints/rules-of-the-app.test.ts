import { type OAuth2Options, oauth2, RefreshFailedError, SessionEndedError, type TokenInput } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
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

  test.each([
    ['throws', ({ scope }: { scope: string }) => ({ scope: scope.split(' ').join(',') }), expect.any(TypeError)],
    ['rejects', async () => Promise.reject(new RangeError('no')), new RangeError('no')],
    ['finds nothing', ({ data }: { data: TokenInput }) => data, new TypeError('mapResponse gave no tokens')],
  ])('that %s does not cost the refresh token that came', async (_name, mistaken, cause) => {
    wire.answer(TOKEN_ENDPOINT, { body: { access_token: 'access-2', refresh_token: 'refresh-2' } }, { body: { data: ANSWER } })
    const clock = fakeClock()
    const saved: unknown[] = []
    let mapResponse = mistaken as (body: unknown) => TokenInput
    const session = sessionWith({
      ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, mapResponse: (body) => mapResponse(body) }),
      clock,
      save: (tokens) => void saved.push(tokens),
    })
    const error = await rejection(session.refresh())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: expect.stringContaining('no access token, but refreshToken') })
    expect(error.cause).toEqual(cause)
    expect(saved.at(-1)).toEqual({ accessToken: 'access-1', refreshToken: 'refresh-2' })
    mapResponse = (body) => (body as { data: TokenInput }).data
    await clock.advance(60_000)
    expect(await session.refresh()).toMatchObject({ accessToken: 'access-2' })
    expect(wire.requests.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual(['refresh-1', 'refresh-2'])
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

  test('may throw what the answer means, too', async () => {
    wire.answer(TOKEN_ENDPOINT, { status: 418, body: {} })
    const over = new SessionEndedError('over')
    const classifyError = () => {
      throw over
    }
    expect(await rejection(refreshWith({ classifyError }))).toBe(over)
  })
})

describe('a classifyError with a mistake', () => {
  // There is no `error` in an answer with tokens, or in a page.
  const broken: OAuth2Options['classifyError'] = ({ body }) =>
    (body as { error: string }).error.startsWith('expired') ? 'ended' : undefined

  test('does not cost the pair that came', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT, classifyError: broken }))
    expect(await session.refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
  })

  test('does not cost the pair that came nested, either', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { data: ANSWER } })
    const mapResponse = (body: unknown) => (body as { data: TokenInput }).data
    expect(await refreshWith({ classifyError: broken, mapResponse })).toEqual(ANSWER)
  })

  test.each([
    [200, { code: 40102 }, 'ERR_REFRESH_FAILED'],
    [400, { code: 'invalid_grant' }, 'ERR_SESSION_ENDED'],
    [401, {}, 'ERR_CLIENT_REJECTED'],
    [502, '<html>', 'ERR_REFRESH_UNCERTAIN'],
    [503, '<html>', 'ERR_REFRESH_FAILED'],
  ])('leaves a refusal to the usual rules, and is told of: %s %j', async (status, body, code) => {
    wire.answer(TOKEN_ENDPOINT, { status, body })
    const error = await rejection(sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT, classifyError: broken })).refresh())
    expect(error).toMatchObject({ code, cause: { status, cause: expect.any(TypeError) } })
    expect(error.message).toContain('classifyError threw')
  })

  test.each([
    ['a promise', async () => undefined],
    ['a code', () => 'invalid_grant'],
    ['true', () => true],
  ])('that gives %s decides nothing: tokens are kept', async (_name, classifyError) => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER }, { status: 503 })
    expect(await refreshWith({ classifyError: classifyError as never })).toEqual(ANSWER)
    const error = await rejection(refreshWith({ classifyError: classifyError as never }))
    expect(error.cause).toMatchObject({ cause: { message: expect.stringContaining('classifyError: expected ended|client-rejected|') } })
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
