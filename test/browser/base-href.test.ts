import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { freshRealm } from '../support/realm.ts'

/** Relative URLs of a page go where its `<base>` says. */
describe('a page with a <base> on another origin', () => {
  const base = document.createElement('base')
  const elsewhere = freshRealm(inject('origins').otherOrigin)
  const reasons: string[] = []
  const session = createSession({ refresh: () => null, tokens: { access_token: 'access-1' } })
  session.on('withheld', ({ reason }) => reasons.push(reason))

  beforeEach(() => {
    reasons.length = 0
    base.href = `${elsewhere.api}/`
    document.head.append(base)
  })
  afterEach(() => base.remove())

  test.each([
    ['axios without baseURL', axios.create(), 'landing'],
    ['axios with a relative baseURL', axios.create({ baseURL: './' }), 'landing'],
  ])('sends no token there: %s', async (_name, api, url) => {
    attach(api, session)
    await expect(api.get(url)).rejects.toMatchObject({ response: { status: 401 } })
    expect((await elsewhere.state()).seen.at(-1)?.headers.authorization).toBeUndefined()
    expect(reasons).toEqual(['origin'])
  })

  test('sends no token there: fetch', async () => {
    const api = authFetch(session, { origins: [location.origin] })
    expect((await api('landing')).status).toBe(401)
    expect((await elsewhere.state()).seen.at(-1)?.headers.authorization).toBeUndefined()
    expect(reasons).toEqual(['origin'])
  })

  test('sends the token there if it is listed', async () => {
    const api = authFetch(session, { origins: [inject('origins').otherOrigin] })
    await api('landing')
    expect((await elsewhere.state()).seen.at(-1)?.headers.authorization).toBe('Bearer access-1')
  })
})
