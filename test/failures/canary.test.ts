import { createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { expectNoToken } from '../support/canary.ts'

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
})
