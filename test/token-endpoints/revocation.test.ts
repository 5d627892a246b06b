import { oauth2, type TokenInput } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { sessionWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const REVOCATION_ENDPOINT = 'https://auth.example.com/oauth/revoke'
const CLIENT = { tokenEndpoint: TOKEN_ENDPOINT, revocationEndpoint: REVOCATION_ENDPOINT, clientId: 'my-app', clientSecret: 'my-secret' }

const wire = interceptWire()

async function signOutWith(options: Partial<Parameters<typeof oauth2>[0]>, tokens: TokenInput): Promise<void> {
  const session = sessionWith({ ...oauth2({ ...CLIENT, ...options }), tokens })
  await session.getTokens().catch(() => {})
  await session.signOut()
  expect(session.status).toBe('signed-out')
}

// RFC 7009, 2.1
describe('a sign-out', () => {
  test('revokes the refresh token, and with it the grant', async () => {
    wire.answer(REVOCATION_ENDPOINT, {})
    await signOutWith({}, { access_token: 'access-1', refresh_token: 'refresh-1' })
    expect(wire.request).toMatchObject({
      method: 'POST',
      url: REVOCATION_ENDPOINT,
      headers: { 'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded(;|$)/) },
      body: 'token=refresh-1&token_type_hint=refresh_token&client_id=my-app&client_secret=my-secret',
    })
  })

  test('revokes the access token when there is nothing else', async () => {
    wire.answer(REVOCATION_ENDPOINT, {})
    await signOutWith({}, { access_token: 'access-1' })
    expect(wire.request.body).toBe('token=access-1&token_type_hint=access_token&client_id=my-app&client_secret=my-secret')
  })

  test('proves who the client is as the token request does', async () => {
    wire.answer(REVOCATION_ENDPOINT, {})
    await signOutWith({ clientAuthentication: 'client_secret_basic' }, { refresh_token: 'refresh-1', access_token: 'access-1' })
    expect(wire.request.headers.authorization).toBe(`Basic ${btoa('my-app:my-secret')}`)
    expect(wire.request.body).toBe('token=refresh-1&token_type_hint=refresh_token')
  })

  test('does not send the parameters of the token request', async () => {
    wire.answer(REVOCATION_ENDPOINT, {})
    await signOutWith({ parameters: { scope: 'read' } }, { refresh_token: 'refresh-1', access_token: 'access-1' })
    expect(wire.request.body).not.toContain('scope')
  })

  test.each([
    ['says no', 400, { error: 'unsupported_token_type' }],
    ['is busy', 503, undefined],
    ['has a fault', 500, '<html>'],
  ])('succeeds also when the server %s', async (_name, status, body) => {
    wire.answer(REVOCATION_ENDPOINT, { status, body })
    await signOutWith({}, { access_token: 'access-1', refresh_token: 'refresh-1' })
    expect(wire.requests).toHaveLength(1)
  })

  test('revokes nothing where there is no token', async () => {
    const { revoke } = oauth2(CLIENT)
    await revoke?.({ accessToken: '' })
    expect(wire.requests).toEqual([])
  })

  test('revokes nothing without an endpoint for it', async () => {
    expect(oauth2({ tokenEndpoint: TOKEN_ENDPOINT })).not.toHaveProperty('revoke')
    await signOutWith({ revocationEndpoint: undefined }, { access_token: 'access-1', refresh_token: 'refresh-1' })
    expect(wire.requests).toEqual([])
  })
})
