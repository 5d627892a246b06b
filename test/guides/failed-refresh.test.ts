import axios from 'axios'
import { attach, createSession, memoryStore, type OAuth2Options, type Session } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { serve, startScene } from './scene.ts'

const GUIDE = 'troubleshooting.md'

test('ERR_CLIENT_REJECTED for everybody: the wrong secret is told, the pair is kept, and the next deployment works on', async () => {
  const { auth, oauth } = await startScene()
  const store = memoryStore()
  const wrong = createSession({ ...oauth({ clientSecret: 'of-the-other-environment' }), store })
  await wrong.signIn(auth.signIn())
  const error = await rejection(wrong.refresh())
  expect(error).toMatchObject({ code: 'ERR_CLIENT_REJECTED', message: expect.stringContaining('invalid_client') })
  expect(error.message).not.toContain('of-the-other-environment')
  const mended = createSession({ ...oauth(), store })
  expect(auth.accepts((await mended.refresh()).accessToken)).toBe(true)
  expect(auth.counters).toMatchObject({ refreshes: 1, reused: 0 })
})

describe('ERR_REFRESH_FAILED, and the token endpoint answered 200', () => {
  test('with tokens in a place of its own: the message names the keys, mapResponse finds them', async () => {
    const { auth, oauth } = await startScene()
    const wrapped = (number: number) => ({
      status: 200,
      body: { data: { access_token: `access-${number}`, refresh_token: `refresh-${number}` } },
    })
    const before = createSession(oauth())
    await before.signIn(auth.signIn())
    auth.fail(wrapped(90))
    expect(await rejection(before.refresh())).toMatchObject({
      code: 'ERR_REFRESH_FAILED',
      message: 'The answer to the token request has no access token, but data',
    })

    const { options } = await runBlock<{ options: Partial<OAuth2Options> }>(
      GUIDE,
      'ERR_REFRESH_FAILED, and the token endpoint answered 200',
    )
    const after = createSession(oauth({ mapResponse: options.mapResponse }))
    await after.signIn(auth.signIn())
    auth.fail(wrapped(91))
    expect(Object.keys(await after.refresh())).toEqual(expect.arrayContaining(['accessToken', 'refreshToken']))
  })

  test('with a page of HTML: it is not taken for tokens', async () => {
    const { auth, oauth } = await startScene()
    const session = createSession(oauth())
    await session.signIn(auth.signIn())
    auth.fail({ status: 200, body: '<!doctype html><title>Maintenance</title>', headers: { 'content-type': 'text/html' } })
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: expect.stringContaining('status 200') })
    expect(session.status).toBe('active')
  })
})

describe('ERR_REFRESH_UNCERTAIN', () => {
  test('on a strict server: what follows says that an answer was lost', async () => {
    const { auth, oauth } = await startScene()
    let now = Date.now()
    const clock = { now: () => now, setTimeout: (call: () => void, ms: number) => setTimeout(call, ms), clearTimeout }
    const session = createSession({ ...oauth(), clock })
    await session.signIn(auth.signIn())
    auth.fail('lost-answer')
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN', retryAt: expect.any(Number) })
    expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1 })
    now += 120_000
    expect(await rejection(session.refresh())).toMatchObject({
      code: 'ERR_SESSION_ENDED',
      message: expect.stringContaining('An earlier token request was left without an answer'),
    })
    expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 1 })
  })

  test('on a server with a grace period: reuseGraceMs asks again, and nobody notices', async () => {
    const { auth, oauth } = await startScene({ reuse: 'grace' })
    const { options } = await runBlock<{ options: Partial<OAuth2Options> }>(GUIDE, 'ERR_REFRESH_UNCERTAIN')
    const session = createSession(oauth({ reuseGraceMs: options.reuseGraceMs }))
    await session.signIn(auth.signIn())
    auth.fail('lost-answer')
    expect(auth.accepts((await session.refresh()).accessToken)).toBe(true)
    expect(auth.counters).toMatchObject({ tokenRequests: 2, grantsRevoked: 0 })
  })
})

describe('ERR_REENTRANT_REFRESH', () => {
  test('when refresh uses the client that waits for it, and not with skip', async () => {
    const { auth } = await startScene()
    const shop = await serve((request, response) => {
      if (request.url !== '/auth/refresh')
        return void response.writeHead(auth.accepts(request.headers.authorization ?? null) ? 200 : 401).end()
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', async () => {
        const form = {
          grant_type: 'refresh_token',
          refresh_token: JSON.parse(body).refreshToken,
          client_id: 'client',
          client_secret: 'secret',
        }
        const answer = await fetch(auth.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
      })
    })
    const api = axios.create({ baseURL: shop })
    const wrong = createSession({ refresh: async ({ refreshToken }) => (await api.post('/auth/refresh', { refreshToken })).data })
    const detach = attach(api, wrong)
    await wrong.signIn(auth.signIn())
    auth.expire()
    expect(await rejection(api.get('/me'))).toMatchObject({ code: 'ERR_REENTRANT_REFRESH' })
    expect(auth.counters.tokenRequests).toBe(0)
    detach()

    const { session } = await runBlock<{ session: Session }>(GUIDE, 'ERR_REENTRANT_REFRESH, or requests that hang for 30 seconds', {
      given: { api },
    })
    attach(api, session)
    await session.signIn(auth.signIn())
    auth.expire()
    expect((await api.get('/me')).status).toBe(200)
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })
})
