import { createSession } from 'axios-renew'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'
import { interceptWire, type WireRequest } from '../../support/msw.ts'
import { CLIENT, FIRST_PAIR, LIBRE_ANSWER, LIBRE_ENDPOINT, PAGO_ANSWER, PAGO_ENDPOINT, PROVIDERS } from './mercado.ts'

const wire = interceptWire()

/** Refreshes a session that holds the first pair. */
async function refresh(options: ReturnType<typeof mercadoLibre>): Promise<void> {
  await createSession({ ...options, tokens: FIRST_PAIR }).refresh()
}

/** The parameters of a request, in either format. */
function fieldsOf({ headers, body }: WireRequest): Record<string, unknown> {
  return headers['content-type'] === 'application/json' ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
}

describe('the token request of mercadoPago', () => {
  test('is a POST of JSON', async () => {
    wire.answer(PAGO_ENDPOINT, { body: PAGO_ANSWER })
    await refresh(mercadoPago(CLIENT))
    expect(wire.request).toMatchObject({
      method: 'POST',
      url: 'https://api.mercadopago.com/oauth/token',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: '{"grant_type":"refresh_token","refresh_token":"TG-1-seller","client_id":"4934588586838432","client_secret":"k2R+/=&% ü\\"secret"}',
    })
  })

  test('asks for test credentials with the text "true"', async () => {
    wire.answer(PAGO_ENDPOINT, { body: PAGO_ANSWER })
    await refresh(mercadoPago({ ...CLIENT, testToken: true }))
    expect(JSON.parse(wire.request.body)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'TG-1-seller',
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      test_token: 'true',
    })
  })

  test.each([false, undefined])('says nothing of test credentials when testToken is %s', async (testToken) => {
    wire.answer(PAGO_ENDPOINT, { body: PAGO_ANSWER })
    await refresh(mercadoPago({ ...CLIENT, testToken }))
    expect(wire.request.body).not.toContain('test_token')
  })
})

describe('the token request of mercadoLibre', () => {
  test('is a POST of a form', async () => {
    wire.answer(LIBRE_ENDPOINT, { body: LIBRE_ANSWER })
    await refresh(mercadoLibre(CLIENT))
    expect(wire.request).toMatchObject({
      method: 'POST',
      url: 'https://api.mercadolibre.com/oauth/token',
      headers: { accept: 'application/json', 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded(;|$)/) },
      body:
        'grant_type=refresh_token&refresh_token=TG-1-seller&client_id=4934588586838432' +
        '&client_secret=k2R%2B%2F%3D%26%25+%C3%BC%22secret',
    })
  })
})

describe.each(PROVIDERS)('the token request of %s', (_name, provider, endpoint, answer) => {
  const refreshed = async (options: object = {}, url: string = endpoint): Promise<WireRequest> => {
    wire.answer(url, { body: answer })
    await refresh(provider({ ...CLIENT, ...options }))
    return wire.requests.at(-1) as WireRequest
  }

  test('has no header but those of every request, so neither Basic credentials nor a token', async () => {
    const { headers } = await refreshed()
    const usual = ['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'user-agent']
    expect(Object.keys(headers).filter((header) => !usual.includes(header))).toEqual([])
  })

  test('tells its length in bytes', async () => {
    const { headers, body } = await refreshed()
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })

  test('goes to another token endpoint, with the same bytes', async () => {
    const usual = await refreshed()
    const tokenEndpoint = 'https://mercado.example.com/proxy/oauth/token'
    const other = await refreshed({ tokenEndpoint }, tokenEndpoint)
    expect(other).toMatchObject({ method: 'POST', url: tokenEndpoint, body: usual.body })
    expect(other.headers['content-type']).toBe(usual.headers['content-type'])
  })

  test('needs no access token', async () => {
    wire.answer(endpoint, { body: answer })
    await createSession({ ...provider(CLIENT), tokens: { refresh_token: 'TG-1-seller' } }).getTokens()
    expect(fieldsOf(wire.request)).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'TG-1-seller' })
  })
})

describe.each(PROVIDERS)('of the mistakes of the documentation, %s', (name, provider, endpoint, answer) => {
  const rows = name === 'mercadoPago' ? [provider(CLIENT), mercadoPago({ ...CLIENT, testToken: true })] : [provider(CLIENT)]

  test.each<[string, (fields: Record<string, unknown>, body: string) => void]>([
    ['writes grant_type with an underscore', ({ grant_type }) => expect(grant_type).toBe('refresh_token')],
    ['leaves no trailing comma', (_fields, body) => expect(body).not.toMatch(/,\s*}|&$/)],
    [
      'sends no authorization code',
      (fields, body) => expect([fields.code, body]).toEqual([undefined, expect.not.stringMatching(/\bcode|authorization_code/)]),
    ],
    [
      'sends all the fields, not grant_type alone',
      (fields) =>
        expect(fields).toMatchObject({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, refresh_token: 'TG-1-seller' }),
    ],
    ['does not make the request of the authorization-code grant', (fields) => expect(fields).not.toHaveProperty('redirect_uri')],
  ])('%s', async (_mistake, check) => {
    for (const options of rows) {
      wire.answer(endpoint, { body: answer })
      await refresh(options)
      const request = wire.requests.at(-1) as WireRequest
      check(fieldsOf(request), request.body)
    }
  })
})
