import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'

const client = { clientId: '4934588586838432', clientSecret: 'my-secret' }

const PAGO = ['mercadoPago', mercadoPago, 'clientId, clientSecret, tokenEndpoint, testToken'] as const
const LIBRE = ['mercadoLibre', mercadoLibre, 'clientId, clientSecret, tokenEndpoint'] as const

describe.each([PAGO, LIBRE])('the options of %s', (name, provider, known) => {
  const given = (options: unknown) => () => provider(options as never)

  test.each([
    [{}, "option 'clientId': expected string, got undefined"],
    [{ ...client, clientId: undefined }, "option 'clientId': expected string, got undefined"],
    [{ ...client, clientId: '' }, "option 'clientId': expected string, got empty string"],
    [{ ...client, clientId: 4934588586838432 }, "option 'clientId': expected string, got number"],
    [{ clientId: '4934588586838432' }, "option 'clientSecret': expected string, got undefined"],
    [{ ...client, clientSecret: '' }, "option 'clientSecret': expected string, got empty string"],
    [{ ...client, clientSecret: null }, "option 'clientSecret': expected string, got null"],
    [{ ...client, clientSecret: ['my-secret'] }, "option 'clientSecret': expected string, got array"],
    [{ ...client, tokenEndpoint: '' }, "option 'tokenEndpoint': expected string, got empty string"],
    [{ ...client, tokenEndpoint: new URL('https://example.com') }, "option 'tokenEndpoint': expected string, got object"],
    [{ ...client, refreshAheadMs: 1000 }, `unknown option 'refreshAheadMs', expected ${known}`],
    [{ ...client, client_secret: 'x' }, `unknown option 'client_secret', expected ${known}`],
  ])('name the option, what was expected and what was got: %j', (options, message) => {
    expect(given(options)).toThrow(new TypeError(`${name}: ${message}`))
    expect(given(options)).toThrow(TypeError)
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['4934588586838432', 'string'],
    [[client], 'array'],
  ])('must be an object, not %j', (options, got) => {
    expect(given(options)).toThrow(new TypeError(`${name}: expected object, got ${got}`))
  })

  test.each(['http://api.mercadopago.com/oauth/token', 'api.mercadopago.com/oauth/token', 'ftp://127.0.0.1/token'])(
    'let no secret go to %s',
    (tokenEndpoint) => {
      const message = `option 'tokenEndpoint': expected an https URL, or one on this machine, got '${tokenEndpoint}'`
      expect(given({ ...client, tokenEndpoint })).toThrow(TypeError)
      expect(given({ ...client, tokenEndpoint })).toThrow(message)
    },
  )

  test('never print the secret', () => {
    for (const options of [
      { ...client, clientSecret: 20_260_101 },
      { ...client, 'my-option': 'my-secret' },
    ]) {
      expect(given(options)).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/20260101|my-secret/) }))
    }
    expect(JSON.stringify(provider(client))).not.toContain('my-secret')
  })

  test('take undefined for not given', () => {
    expect(provider({ ...client, tokenEndpoint: undefined }).client).toBe(provider(client).client)
  })
})

describe('testToken', () => {
  test.each([
    ['true', 'string'],
    [1, 'number'],
    [null, 'null'],
    [{}, 'object'],
  ])('is a boolean, not %j', (testToken, got) => {
    const options = { ...client, testToken: testToken as never }
    expect(() => mercadoPago(options)).toThrow(new TypeError(`mercadoPago: option 'testToken': expected boolean, got ${got}`))
  })

  test('is unknown to Mercado Libre', () => {
    expect(() => mercadoLibre({ ...client, testToken: true } as never)).toThrow(
      new TypeError("mercadoLibre: unknown option 'testToken', expected clientId, clientSecret, tokenEndpoint"),
    )
  })
})
