import { oauth2 } from 'axios-renew'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { describe, expect, test } from 'vitest'
import { TOKEN_ENDPOINT } from './refresh-with.ts'

/** What `run` throws; it must be a TypeError. */
function typeErrorOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  throw new Error('expected a TypeError, got none')
}

describe('the options of oauth2', () => {
  test.each([
    [{}, "oauth2: option 'tokenEndpoint': expected string, got undefined"],
    [{ tokenEndpoint: '' }, "oauth2: option 'tokenEndpoint': expected string, got empty string"],
    [{ tokenEndpoint: new URL(TOKEN_ENDPOINT) }, "oauth2: option 'tokenEndpoint': expected string, got object"],
    [{ clientId: 4711 }, "oauth2: option 'clientId': expected string, got number"],
    [{ clientSecret: null }, "oauth2: option 'clientSecret': expected string, got null"],
    [{ clientSecret: '' }, "oauth2: option 'clientSecret': expected string, got empty string"],
    [
      { clientAuthentication: 'basic' },
      "oauth2: option 'clientAuthentication': expected 'client_secret_post' or 'client_secret_basic' or 'none', got basic",
    ],
    [{ format: 'xml' }, "oauth2: option 'format': expected 'form' or 'json', got xml"],
    [{ parameters: 'scope=read' }, "oauth2: option 'parameters': expected object, got string"],
    [{ parameters: ['scope'] }, "oauth2: option 'parameters': expected object, got array"],
    [{ headers: null }, "oauth2: option 'headers': expected object, got null"],
    [{ request: 3000 }, "oauth2: option 'request': expected object, got number"],
    [{ mapResponse: {} }, "oauth2: option 'mapResponse': expected function, got object"],
    [{ classifyError: 'ended' }, "oauth2: option 'classifyError': expected function, got string"],
    [{ reuseGraceMs: -1 }, "oauth2: option 'reuseGraceMs': expected number, got -1"],
    [{ reuseGraceMs: Number.NaN }, "oauth2: option 'reuseGraceMs': expected number, got NaN"],
    [{ reuseGraceMs: '30' }, "oauth2: option 'reuseGraceMs': expected number, got string"],
    [{ revocationEndpoint: true }, "oauth2: option 'revocationEndpoint': expected string, got boolean"],
  ])('say what was expected and what was got: %j', (options, message) => {
    const given = Object.keys(options).length === 0 ? options : { tokenEndpoint: TOKEN_ENDPOINT, ...options }
    expect(typeErrorOf(() => oauth2(given as never))).toBe(message)
  })

  test.each([undefined, null, TOKEN_ENDPOINT, []])('must be an object, not %j', (options) => {
    expect(typeErrorOf(() => oauth2(options as never))).toMatch(/^oauth2: expected object, got (undefined|null|string|array)$/)
  })

  test('say which ones there are when one is unknown', () => {
    const message = typeErrorOf(() => oauth2({ tokenEndpoint: TOKEN_ENDPOINT, tokenUrl: TOKEN_ENDPOINT } as never))
    expect(message).toMatch(/^oauth2: unknown option 'tokenUrl', expected tokenEndpoint, clientId, clientSecret,/)
  })

  test('never print a value that may be a secret', () => {
    expect(typeErrorOf(() => oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientSecret: 4711 } as never))).not.toContain('4711')
    expect(typeErrorOf(() => oauth2({ tokenEndpoint: TOKEN_ENDPOINT, parameters: 'my-secret' } as never))).not.toContain('my-secret')
  })

  test('take undefined for not given', () => {
    const options = {
      tokenEndpoint: TOKEN_ENDPOINT,
      clientId: undefined,
      format: undefined,
      reuseGraceMs: undefined,
      revocationEndpoint: undefined,
    }
    expect(oauth2(options)).toEqual({ refresh: expect.any(Function), client: TOKEN_ENDPOINT })
  })
})

describe('a token endpoint', () => {
  test.each([
    'https://auth.example.com/token',
    'HTTPS://AUTH.EXAMPLE.COM/token',
    'https://localhost.evil.com/token',
    'http://localhost:8080/token',
    'http://127.0.0.1/token',
    'http://127.1/token',
    'http://[::1]:8080/token',
    'http://app.localhost/token',
  ])('may be %s', (tokenEndpoint) => {
    expect(oauth2({ tokenEndpoint }).client).toBe(tokenEndpoint)
  })

  test.each([
    'http://auth.example.com/token',
    'http://localhost.evil.com/token',
    'http://127.0.0.1.evil.com/token',
    'http://evil.com/localhost',
    'http://localhost@evil.com/token',
    'http://localhost:***@evil.com/token',
    'http://evil.com\\@localhost/token',
    'http://evil.com#@localhost/token',
    'http://evil.com?@localhost/token',
    'http://localhost\u3002evil.com/token',
    'http://[::ffff:10.0.0.1]/token',
    'http://0.0.0.0/token',
    'http://10.0.0.1/token',
    'http://localhost./token',
    'ftp://localhost/token',
    'file:///token',
    'javascript:alert(1)',
    '//auth.example.com/token',
    '/oauth/token',
    'auth.example.com/token',
    'https://',
  ])('may not be %s', (url) => {
    const expected = `expected an https URL, or one on this machine, got '${url}'`
    expect(typeErrorOf(() => oauth2({ tokenEndpoint: url }))).toBe(`oauth2: option 'tokenEndpoint': ${expected}`)
    expect(typeErrorOf(() => oauth2({ tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: url }))).toBe(
      `oauth2: option 'revocationEndpoint': ${expected}`,
    )
  })

  test('that is refused is not printed with its password', () => {
    expect(typeErrorOf(() => oauth2({ tokenEndpoint: 'http://user:my-password@auth.example.com/token' }))).not.toContain('my-password')
  })
})

describe.each([
  ['mercadoPago', mercadoPago],
  ['mercadoLibre', mercadoLibre],
] as const)('the options of %s', (name, provider) => {
  const client = { clientId: '4934588586838432', clientSecret: 'my-secret' }

  test.each([
    [{ clientSecret: 'my-secret' }, "option 'clientId': expected string, got undefined"],
    [{ clientId: '4934588586838432' }, "option 'clientSecret': expected string, got undefined"],
    [{ ...client, clientId: 4934588586838432 }, "option 'clientId': expected string, got number"],
    [{ ...client, tokenEndpoint: null }, "option 'tokenEndpoint': expected string, got null"],
    [{ ...client, format: 'form' }, "unknown option 'format', expected clientId, clientSecret, tokenEndpoint"],
  ])('say what was expected: %j', (options, message) => {
    expect(typeErrorOf(() => provider(options as never))).toContain(`${name}: ${message}`)
  })

  test('take another token endpoint, by the same rules', () => {
    expect(provider({ ...client, tokenEndpoint: 'http://127.0.0.1:8080/oauth/token' }).client).toBe(
      'http://127.0.0.1:8080/oauth/token 4934588586838432',
    )
    const url = 'http://api.mercadopago.com/oauth/token'
    expect(typeErrorOf(() => provider({ ...client, tokenEndpoint: url }))).toBe(
      `${name}: option 'tokenEndpoint': expected an https URL, or one on this machine, got '${url}'`,
    )
  })
})
