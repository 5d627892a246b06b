import axios, { type AxiosRequestConfig } from 'axios'
import { createSession, oauth2 } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { serve } from '../support/attached.ts'
import { expectNoToken, watchTokens } from '../support/canary.ts'

describe('the canary', () => {
  test.each([
    ['a message', new Error('refused access-1')],
    ['a field', { headers: { Authorization: 'Bearer a1' } }],
    ['a cause', new Error('outer', { cause: Object.assign(new Error('inner'), { config: { data: 'refresh_token=r2' } }) })],
    ['what toJSON gives', { toJSON: () => ({ token: 'refresh-12' }) }],
    ['a string', 'Bearer access-1'],
    ['what is deep', { a: { b: { c: { d: { e: ['a1'] } } } } }],
  ])('is heard in %s', (_name, value) => {
    expect(() => expectNoToken(value, 'a test')).toThrow('a token shows in a test')
  })

  test('is not heard in a session, its functions or its snapshot', async () => {
    const session = createSession({ refresh: () => null, tokens: { access_token: 'access-1', refresh_token: 'refresh-1' } })
    await session.getTokens()
    expectNoToken(session, 'the session')
    expectNoToken(session.getSnapshot(), 'the snapshot')
  })

  test('is every token that a test names', () => {
    expectNoToken('pear', 'a test')
    watchTokens('pear', undefined)
    expect(() => expectNoToken(new Error('no pear'), 'a test')).toThrow('a token shows in a test')
  })

  test.each([
    ['comes in a header', { headers: { authorization: 'Bearer in-the-header-x' } }, 'in-the-header-x'],
    ['comes in a form', { method: 'POST', data: new URLSearchParams({ a: '1', refresh_token: 'in-the-form-xyz' }) }, 'in-the-form-xyz'],
    ['comes in JSON', { method: 'POST', data: { refreshToken: 'in-the-json-xyz' } }, 'in-the-json-xyz'],
    ['goes out', {}, 'in-the-answer-xyz'],
  ] as [string, AxiosRequestConfig, string][])('is every token that a server sees: it %s', async (_how, request, token) => {
    const baseURL = await serve((incoming, response) => {
      incoming.resume().on('end', () => response.end('{"access_token":"in-the-answer-xyz"}'))
    })
    await axios.request({ baseURL, ...request })
    expect(() => expectNoToken(`it was ${token}.`, 'a test')).toThrow('a token shows in a test')
  })

  test('is every token of the authorization server that many tests start', async () => {
    const server = await startAuthorizationServer()
    const { tokenEndpoint, clientId, clientSecret } = server
    const first = await server.authorize('seller')
    const session = createSession({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), tokens: first })
    const fresh = await session.refresh()
    await server.close()
    // The first access token was never sent.
    for (const token of [first.refresh_token, fresh.accessToken, fresh.refreshToken])
      expect(() => expectNoToken({ log: [`token: ${token}`] }, 'a test')).toThrow('a token shows in a test')
  })
})
