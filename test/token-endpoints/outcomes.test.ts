import { AuthError, oauth2, RefreshFailedError, SessionEndedError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { interceptWire, type WireAnswer } from '../support/msw.ts'
import { rejection } from '../support/session-kit.ts'
import { ANSWER, sessionWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const wire = interceptWire()

const HTML = '<!DOCTYPE html><html><body>Please log in to the Wi-Fi</body></html>'

type Row = [name: string, status: number, body: WireAnswer['body']]

const ENDING: Row[] = [
  ['invalid_grant', 400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }],
  ['invalid_grant on 401', 401, { error: 'invalid_grant' }],
  ['invalid_grant on 403, as Auth0 says it', 403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }],
  ['invalid_grant on 200', 200, { error: 'invalid_grant' }],
  ['invalid_grant in capitals', 400, { error: 'INVALID_GRANT' }],
  ['invalid_grant of Mercado Pago', 400, { message: 'Error validating grant. ...', error: 'invalid_grant', status: 400, cause: [] }],
  ['invalid_grant under errorKey', 400, { errorKey: 'invalid_grant', message: 'Error validating grant' }],
  ['invalid_grant under code', 400, { code: 'invalid_grant', message: 'Error validating grant' }],
  ['invalid_grant with a byte order mark', 400, '\uFEFF{"error":"invalid_grant"}'],
  [
    'invalid_grant of Microsoft',
    400,
    { error: 'invalid_grant', error_description: 'AADSTS70008: The refresh token has expired', error_codes: [70008] },
  ],
  ['unauthorized_application', 400, { error: 'unauthorized_application', status: 400 }],
  ['bad_refresh_token on 200, as GitHub says it', 200, { error: 'bad_refresh_token', error_description: 'incorrect or expired' }],
  [
    'the same form-encoded, as GitHub says it to those who do not ask for JSON',
    200,
    'error=bad_refresh_token&error_description=The+refresh+token+passed+is+incorrect+or+expired.&error_uri=https%3A%2F%2Fdocs.github.com',
  ],
  ['invalid_refresh_token on 200, as Slack says it', 200, { ok: false, error: 'invalid_refresh_token' }],
  ['BAD_REFRESH_TOKEN, as HubSpot says it', 400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }],
  ["Twitch's message", 400, { error: 'Bad Request', status: 400, message: 'Invalid refresh token' }],
]

const REJECTING_THE_CLIENT: Row[] = [
  ['invalid_client', 401, { error: 'invalid_client' }],
  [
    'invalid_client of Mercado Pago',
    400,
    { message: 'invalid client_id or client_secret', error: 'invalid_client', status: 400, cause: [] },
  ],
  ['invalid_client on 200', 200, { error: 'invalid_client' }],
  ['unauthorized_client', 400, { error: 'unauthorized_client' }],
  ['invalid_scope', 400, { error: 'invalid_scope' }],
  ['unsupported_grant_type', 400, { error: 'unsupported_grant_type' }],
  ['invalid_request', 400, { error: 'invalid_request' }],
  ["Mercado Pago's forbidden", 403, { message: 'forbidden', error: 'forbidden', status: 403, cause: [] }],
  ['401 without a body', 401, undefined],
  ['401 with a page', 401, HTML],
]

const FAILING: Row[] = [
  ['429 as plain text', 429, 'local_rate_limited'],
  ['429 as JSON', 429, { error: 'too_many_requests', message: 'slow down' }],
  ['503 without a body', 503, undefined],
  ['503 with a page', 503, HTML],
  ['501', 501, undefined],
  ['a firewall page on 403', 403, HTML],
  ["a gateway's JSON 403", 403, { message: 'Forbidden' }],
  ['a page on 404', 404, HTML],
  ['the page of a captive portal', 200, `\n  ${HTML}`],
  ['408', 408, undefined],
  ['a redirect', 302, undefined],
  ['a redirect that keeps method and body', 307, undefined],
  ['400 as plain text', 400, 'Bad Request'],
  ['temporarily_unavailable', 400, { error: 'temporarily_unavailable' }],
  [
    'an outage that Microsoft reports as invalid_grant',
    400,
    { error: 'invalid_grant', error_description: 'AADB2C90085: The service has encountered an internal error.' },
  ],
  ['an error on 200 that nobody knows', 200, { error: 'server_error' }],
  ['ok: false on 200', 200, { ok: false, error: 'ratelimited' }],
  ['an error that is an object', 400, { error: { code: 400, message: 'Bad Request', status: 'INVALID_ARGUMENT' } }],
  ['200 and an empty object', 200, {}],
  ['200 and no token', 200, { token: 'access-2' }],
  ['200 and a token that is no string', 200, { access_token: { value: 'access-2' } }],
  ['200 and an array', 200, '[]'],
]

const UNCERTAIN: Row[] = [
  ['500 with a page', 500, HTML],
  ['500 with server_error', 500, { error: 'server_error' }],
  ['502', 502, HTML],
  ['504', 504, 'upstream request timeout'],
  ['520, from a content delivery network that got no usable answer', 520, HTML],
  ['524, from a content delivery network that got no answer in time', 524, HTML],
  ['200 without a body', 200, undefined],
  ['204', 204, undefined],
  ['200 and half an answer', 200, '{"access_token":"access-2","refresh_tok'],
  ['200 and null', 200, 'null'],
  ['200 and a string', 200, '"ok"'],
  ['200 and prose', 200, 'it worked'],
]

const rows = [
  ...ENDING.map((row) => [...row, SessionEndedError, 'ERR_SESSION_ENDED'] as const),
  ...REJECTING_THE_CLIENT.map((row) => [...row, RefreshFailedError, 'ERR_CLIENT_REJECTED'] as const),
  ...FAILING.map((row) => [...row, RefreshFailedError, 'ERR_REFRESH_FAILED'] as const),
  ...UNCERTAIN.map((row) => [...row, RefreshFailedError, 'ERR_REFRESH_UNCERTAIN'] as const),
]

describe('what an answer of the token endpoint means', () => {
  test.each(rows)('%s', async (_name, status, body, errorClass, code) => {
    wire.answer(TOKEN_ENDPOINT, { status, body })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'my-app' }))
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toBeInstanceOf(errorClass)
    expect(error.code).toBe(code)
    expect(session.status).toBe(errorClass === SessionEndedError ? 'ended' : 'active')
    expect(wire.requests).toHaveLength(1)
  })

  test.each([
    ['a body of JSON', ANSWER],
    ['a form', 'access_token=access-2&refresh_token=refresh-2&token_type=bearer&expires_in=3600&scope='],
    ['a form that ends with a line break', 'access_token=access-2&refresh_token=refresh-2&token_type=bearer&expires_in=3600\r\n'],
    ['a byte order mark before JSON', `\uFEFF${JSON.stringify(ANSWER)}`],
    ['fields that say that all is well', { ...ANSWER, ok: true, error: null, status: 'success', message: 'OK', code: 0 }],
    ['status 201', ANSWER, 201],
  ] as [string, WireAnswer['body'], number?][])('tokens in %s', async (_name, body, status) => {
    wire.answer(TOKEN_ENDPOINT, { status, body })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT }))
    const tokens = await session.refresh()
    expect(tokens).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', tokenType: 'bearer' })
    expect(Number(tokens.expiresAt) - Number(tokens.issuedAt)).toBe(3600_000)
  })

  test('a refresh token that is not in the answer stays', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: { access_token: 'access-2', token_type: 'bearer' } })
    const session = sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT }))
    expect(await session.refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' })
  })
})

describe('the message of a refusal', () => {
  test.each([
    [
      400,
      { error: 'invalid_grant', error_description: 'expired' },
      'The server refused the refresh token (status 400, invalid_grant, expired): sign in again',
    ],
    [
      400,
      { message: 'Error validating grant', error: 'invalid_grant', status: 400, cause: [] },
      'The server refused the refresh token (status 400, invalid_grant, Error validating grant): sign in again',
    ],
    [
      401,
      { error: 'invalid_client' },
      'The server refused this client (status 401, invalid_client): check its id, secret, scopes and the token endpoint',
    ],
    [429, 'local_rate_limited', 'The token endpoint did not answer with tokens (status 429)'],
    [502, HTML, 'The token request got no usable answer (status 502): the refresh token may be spent'],
    [200, { foo: 1, bar: 2 }, 'The answer to the token request has no access token, but foo, bar'],
  ])('says what the server said: %s %j', async (status, body, message) => {
    wire.answer(TOKEN_ENDPOINT, { status, body })
    const error = await rejection(sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT })).refresh())
    expect(error.message).toBe(message)
  })

  test('stays short whatever the server says', async () => {
    wire.answer(TOKEN_ENDPOINT, { status: 400, body: { error: 'invalid_grant', error_description: 'x'.repeat(100_000) } })
    const error = await rejection(sessionWith(oauth2({ tokenEndpoint: TOKEN_ENDPOINT })).refresh())
    expect(error.message.length).toBeLessThan(500)
  })
})
