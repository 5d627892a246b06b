import axios from 'axios'
import { buildKeyGenerator, setupCache } from 'axios-cache-interceptor'
import { attach, createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { serve } from '../../support/attached.ts'

/** An API that says whose token it was shown; every answer is numbered. */
async function serveNames() {
  let count = 0
  const url = await serve((request, response) => {
    count++
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=60' })
      .end(JSON.stringify({ who: request.headers.authorization, count }))
  })
  return url
}

const sessionOf = (account: string) => createSession({ account, refresh: () => null, tokens: { access_token: account } })

describe.each(['before', 'after'] as const)('axios-cache-interceptor set up %s', (order) => {
  test('caches by the configuration a caller can see, which never holds the token', async () => {
    const url = await serveNames()
    const instance = axios.create({ baseURL: url })
    const session = sessionOf('ada')
    if (order === 'after') attach(instance, session)
    const api = setupCache(instance)
    if (order === 'before') attach(api, session)
    const first = await api.get('/me')
    const second = await api.get('/me')
    expect(first.data).toEqual({ who: 'Bearer ada', count: 1 })
    expect(second).toMatchObject({ cached: true, data: first.data })
  })

  test('must be told the account, when several share a storage', async () => {
    const url = await serveNames()
    const generateKey = buildKeyGenerator(({ baseURL, url, method, params, renew }) => ({
      baseURL,
      url,
      method,
      params,
      account: renew?.account,
    }))
    const shared = setupCache(axios.create(), { generateKey }).storage
    const clients = ['ada', 'bob'].map((account) => {
      const instance = axios.create({ baseURL: url, renew: { account } })
      if (order === 'after') attach(instance, sessionOf(account))
      const api = setupCache(instance, { generateKey, storage: shared })
      if (order === 'before') attach(api, sessionOf(account))
      return api
    })
    const answers = await Promise.all(clients.map((api) => api.get('/me')))
    expect(answers.map(({ data }) => data.who)).toEqual(['Bearer ada', 'Bearer bob'])
  })
})
