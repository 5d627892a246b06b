import { oauth2 } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { ANSWER, refreshWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const wire = interceptWire()

describe('the token request', () => {
  test('is a POST of form parameters that accepts JSON', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'my-app' })
    expect(wire.request).toMatchObject({
      method: 'POST',
      url: TOKEN_ENDPOINT,
      headers: { accept: 'application/json', 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded(;|$)/) },
      body: 'grant_type=refresh_token&refresh_token=refresh-1&client_id=my-app',
    })
    expect(wire.request.headers).not.toHaveProperty('authorization')
  })

  test('is JSON where the provider wants that', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'my-app', clientSecret: 'my-secret', format: 'json' })
    expect(wire.request.headers['content-type']).toBe('application/json')
    expect(wire.request.body).toBe(
      '{"grant_type":"refresh_token","refresh_token":"refresh-1","client_id":"my-app","client_secret":"my-secret"}',
    )
  })

  test('encodes what a refresh token may hold', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({}, { refreshToken: '1//0g+a/b=c&d %ü' })
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=1%2F%2F0g%2Ba%2Fb%3Dc%26d+%25%C3%BC')
  })

  test('says nothing of a client where there is none', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith()
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1')
  })

  test('carries neither the access token nor anything else of the pair', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({}, { accessToken: 'access-1', refreshToken: 'refresh-1', scope: 'read', extra: { user_id: 7 } })
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1')
    expect(wire.request.headers).not.toHaveProperty('authorization')
  })

  test('takes further parameters and headers', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ parameters: { scope: 'read write', audience: 'https://api.example.com' }, headers: { 'X-Tenant': 'acme' } })
    expect(wire.request.body).toBe(
      'grant_type=refresh_token&refresh_token=refresh-1&scope=read+write&audience=https%3A%2F%2Fapi.example.com',
    )
    expect(wire.request.headers).toMatchObject({ 'x-tenant': 'acme', accept: 'application/json' })
  })

  test.each(['form', 'json'] as const)('leaves out a parameter that is undefined, in a %s body', async (format) => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    const parameters: { scope?: string; audience: string } = { scope: undefined, audience: 'a' }
    await refreshWith({ format, parameters: parameters as Record<string, string> })
    expect(wire.request.body).toContain('audience')
    expect(wire.request.body).not.toContain('scope')
  })

  test.each(['Accept', 'accept'])('takes another %s header instead of its own', async (name) => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ headers: { [name]: 'application/vnd.github+json' } })
    expect(wire.request.headers.accept).toBe('application/vnd.github+json')
  })

  test('takes another Authorization header instead of its own', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    const client = { clientId: 'my-app', clientSecret: 'my-secret', clientAuthentication: 'client_secret_basic' } as const
    await refreshWith({ ...client, headers: { authorization: 'Custom yes' } })
    expect(wire.request.headers.authorization).toBe('Custom yes')
  })

  test('is sent as the axios configuration says', async () => {
    wire.answer(`${TOKEN_ENDPOINT}`, { body: ANSWER })
    await refreshWith({ request: { headers: { 'User-Agent': 'shop/1.0' }, params: { tenant: 'acme' } } })
    expect(wire.request.url).toBe(`${TOKEN_ENDPOINT}?tenant=acme`)
    expect(wire.request.headers['user-agent']).toBe('shop/1.0')
  })

  test('goes through an adapter of the app', async () => {
    const sent: unknown[] = []
    const answer = await refreshWith({
      clientId: 'my-app',
      request: {
        adapter: async (config) => {
          sent.push([config.method, config.url, String(config.data)])
          return { status: 200, statusText: 'OK', headers: {}, config, data: JSON.stringify(ANSWER) }
        },
      },
    })
    expect(sent).toEqual([['post', TOKEN_ENDPOINT, 'grant_type=refresh_token&refresh_token=refresh-1&client_id=my-app']])
    expect(answer).toEqual(ANSWER)
  })
})

describe('the client', () => {
  const awkward = { clientId: 'app:1%+ü x', clientSecret: 's:e%c+r ü~*' }

  test('proves who it is in the body when it has a secret', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith(awkward)
    expect(wire.request.body).toBe(
      'grant_type=refresh_token&refresh_token=refresh-1&client_id=app%3A1%25%2B%C3%BC+x&client_secret=s%3Ae%25c%2Br+%C3%BC%7E*',
    )
    expect(wire.request.headers).not.toHaveProperty('authorization')
  })

  // RFC 6749, 2.3.1 and appendix B: both are form-encoded first, so a colon in the id is no end of it.
  test('proves who it is by Basic authentication, form-encoded', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ ...awkward, clientAuthentication: 'client_secret_basic' })
    const credentials = Buffer.from(wire.request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    expect(credentials).toBe('app%3A1%25%2B%C3%BC+x:s%3Ae%25c%2Br+%C3%BC%7E*')
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1')
  })

  test('proves who it is by Basic authentication beside a JSON body', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'Aladdin', clientSecret: 'open-sesame', clientAuthentication: 'client_secret_basic', format: 'json' })
    expect(wire.request.headers.authorization).toBe(`Basic ${Buffer.from('Aladdin:open-sesame').toString('base64')}`)
    expect(wire.request.body).toBe('{"grant_type":"refresh_token","refresh_token":"refresh-1"}')
  })

  test('keeps its secret to itself when it does not prove who it is', async () => {
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'my-app', clientSecret: 'my-secret', clientAuthentication: 'none' })
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1&client_id=my-app')
    expect(wire.request.headers).not.toHaveProperty('authorization')
  })

  test('is told apart by its endpoint and its id', () => {
    expect(oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'my-app', clientSecret: 'my-secret' }).client).toBe(`${TOKEN_ENDPOINT} my-app`)
    expect(oauth2({ tokenEndpoint: TOKEN_ENDPOINT }).client).toBe(TOKEN_ENDPOINT)
  })
})
