import axios from 'axios'
import { createSession, oauth2 } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { type FakeAuthServer, type FakeAuthServerOptions, fakeAuthServer, fakeClock } from 'axios-renew/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'

/** A server that listens, for one test. */
async function start(options: FakeAuthServerOptions = {}): Promise<FakeAuthServer> {
  const auth = fakeAuthServer(options)
  await auth.listen()
  onTestFinished(() => auth.close())
  return auth
}

function sessionOf({ tokenEndpoint, clientId, clientSecret }: FakeAuthServer, more: Parameters<typeof createSession>[0] | object = {}) {
  const session = createSession({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), ...more })
  onTestFinished(() => session.close())
  return session
}

/** Sends a refresh token, and gives status and body. */
async function refresh({ tokenEndpoint, clientId, clientSecret }: FakeAuthServer, refresh_token: unknown) {
  const fields = {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: String(clientSecret),
    refresh_token: String(refresh_token),
  }
  const answer = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(fields) })
  return { status: answer.status, body: await answer.json() }
}

describe('a refresh token that comes again', () => {
  test('revokes the grant, by default', async () => {
    const auth = await start()
    const { refresh_token } = auth.signIn()
    const { body } = await refresh(auth, refresh_token)
    expect((await refresh(auth, refresh_token)).body.error).toBe('invalid_grant')
    expect(auth.accepts(body.access_token)).toBe(false)
    expect(auth.counters).toMatchObject({ tokenRequests: 2, refreshes: 1, reused: 1, grantsRevoked: 1 })
  })

  test('gets the same pair for a while, as long as nobody has used that', async () => {
    const clock = fakeClock()
    const auth = await start({ reuse: 'grace', graceMs: 30_000, clock })
    const { refresh_token } = auth.signIn()
    const { body } = await refresh(auth, refresh_token)
    clock.jump(10_500)
    const again = await refresh(auth, refresh_token)
    expect(again).toEqual({ status: 200, body: { ...body, expires_in: 3590 } })
    expect(auth.accepts(body.access_token)).toBe(true)

    clock.jump(20_000)
    expect((await refresh(auth, refresh_token)).body.error).toBe('invalid_grant')
    expect(auth.accepts(body.access_token)).toBe(false)
  })

  test('revokes the grant in its grace too, when the next one has been used', async () => {
    const auth = await start({ reuse: 'grace' })
    const { refresh_token } = auth.signIn()
    const { body } = await refresh(auth, refresh_token)
    await refresh(auth, body.refresh_token)
    expect((await refresh(auth, refresh_token)).body.error).toBe('invalid_grant')
    expect(auth.counters.grantsRevoked).toBe(1)
  })

  test('works for ever, if it is to be ignored', async () => {
    const auth = await start({ reuse: 'ignore' })
    const { refresh_token } = auth.signIn()
    const first = await refresh(auth, refresh_token)
    const second = await refresh(auth, refresh_token)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token)
    expect(auth.counters).toMatchObject({ reused: 1, grantsRevoked: 0 })
    expect(auth.accepts(first.body.access_token)).toBe(true)
  })
})

test('without rotation the refresh token stays, and answers leave it out', async () => {
  const auth = await start({ rotate: false })
  const { refresh_token } = auth.signIn()
  for (let i = 0; i < 3; i++) expect((await refresh(auth, refresh_token)).body).not.toHaveProperty('refresh_token')
  expect(auth.counters).toMatchObject({ refreshes: 3, reused: 0 })
})

test('access tokens live as long as it says, by its clock, or without end', async () => {
  const clock = fakeClock()
  const auth = fakeAuthServer({ expiresIn: 60, clock })
  const { access_token, expires_in } = auth.signIn()
  expect(expires_in).toBe(60)
  clock.jump(59_999)
  expect(auth.accepts(access_token)).toBe(true)
  clock.jump(1)
  expect(auth.accepts(access_token)).toBe(false)

  const endless = fakeAuthServer({ expiresIn: null, clock })
  const pair = endless.signIn()
  expect(pair).not.toHaveProperty('expires_in')
  clock.jump(1e12)
  expect(endless.accepts(`Bearer ${pair.access_token}`)).toBe(true)
})

test('what a provider adds is in every answer: a seller of Mercado Pago', async () => {
  const auth = fakeAuthServer()
  await auth.listen()
  onTestFinished(() => auth.close())
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(mercadoPago({ clientId, clientSecret, tokenEndpoint }))
  onTestFinished(() => session.close())
  await session.signIn(auth.signIn('4711', { user_id: 4711, live_mode: true }))
  const { extra } = await session.refresh({ rejected: await session.getTokens() })
  expect(extra).toMatchObject({ user_id: 4711, live_mode: true })
})

describe('at will', () => {
  test('tokens expire: one, or all', async () => {
    const auth = fakeAuthServer()
    const [maria, ana] = [auth.signIn('maria'), auth.signIn('ana')]
    auth.expire(maria.access_token)
    expect([auth.accepts(maria.access_token), auth.accepts(ana.access_token)]).toEqual([false, true])
    auth.expire()
    expect(auth.accepts(ana.access_token)).toBe(false)
  })

  test('a grant is revoked, by any of its tokens, or all are', async () => {
    const auth = await start()
    const [maria, ana] = [auth.signIn('maria'), auth.signIn('ana')]
    auth.revoke(maria.refresh_token)
    expect([auth.accepts(maria.access_token), auth.accepts(ana.access_token)]).toEqual([false, true])
    const session = sessionOf(auth)
    await session.signIn(maria)
    expect((await rejection(session.refresh())).code).toBe('ERR_SESSION_ENDED')
    auth.revoke()
    expect(auth.accepts(ana.access_token)).toBe(false)
  })

  test('a token of somebody else is a mistake', () => {
    const auth = fakeAuthServer()
    expect(() => auth.expire('other')).toThrow('expire: expected a token of this server, got another one')
    const { refresh_token } = auth.signIn()
    expect(() => auth.expire(refresh_token)).toThrow('expire: expected an access token, got a refresh token')
    expect(() => auth.revoke('other')).toThrow('revoke: expected a token of this server, got another one')
  })
})

describe('what goes wrong on demand', () => {
  test('a status, as often as wanted, and the server has not looked at the tokens', async () => {
    const auth = await start()
    const clock = fakeClock()
    const session = sessionOf(auth, { clock })
    await session.signIn(auth.signIn())
    auth.fail({ status: 503, headers: { 'retry-after': '7' } })
    auth.fail({ status: 429, body: 'local_rate_limited' })
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', retryAt: clock.now() + 7000 })
    clock.jump(7000)
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    clock.jump(60_000)
    await session.refresh()
    expect(auth.counters).toMatchObject({ tokenRequests: 3, refreshes: 1, reused: 0 })
  })

  test('an outage lasts until it is over', async () => {
    const auth = await start()
    const { refresh_token } = auth.signIn()
    auth.fail({ status: 502, body: { message: 'bad gateway' } }, Number.POSITIVE_INFINITY)
    for (let i = 0; i < 4; i++) expect(await refresh(auth, refresh_token)).toEqual({ status: 502, body: { message: 'bad gateway' } })
    auth.recover()
    expect((await refresh(auth, refresh_token)).status).toBe(200)
  })

  test('a connection that is lost before the server has acted: the token is not spent', async () => {
    const auth = await start()
    const session = sessionOf(auth)
    await session.signIn(auth.signIn())
    auth.fail('drop')
    expect((await rejection(session.refresh())).code).toBe('ERR_REFRESH_UNCERTAIN')
    expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 0 })
    expect((await refresh(auth, 'refresh-1')).status).toBe(200)
  })

  test('an answer that is lost: the token is spent, and what follows says so', async () => {
    const auth = await start()
    const clock = fakeClock()
    const session = sessionOf(auth, { clock })
    await session.signIn(auth.signIn())
    auth.fail('lost-answer')
    expect((await rejection(session.refresh())).code).toBe('ERR_REFRESH_UNCERTAIN')
    expect(auth.counters).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
    clock.jump(60_000)
    const error = await rejection(session.refresh())
    expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', message: expect.stringContaining('without an answer') })
    expect(auth.counters).toMatchObject({ reused: 1, grantsRevoked: 1 })
  })

  test('an answer that hangs comes when it is let go, and is taken', async () => {
    const auth = await start()
    const session = sessionOf(auth)
    await session.signIn(auth.signIn())
    auth.fail('hang')
    const refreshing = session.refresh()
    await expect.poll(() => auth.counters.refreshes).toBe(1)
    auth.release()
    expect((await refreshing).accessToken).toBe('access-2')
  })

  test('a mistake in what should go wrong is told', () => {
    const auth = fakeAuthServer()
    expect(() => auth.fail('dorp' as never)).toThrow("fail: expected 'drop' or 'lost-answer' or 'hang' or object, got dorp")
    expect(() => auth.fail({} as never)).toThrow("fail: option 'status': expected number, got undefined")
    expect(() => auth.fail({ status: 400, bdoy: {} } as never)).toThrow("fail: unknown option 'bdoy', expected status, body, headers")
    expect(() => auth.fail({ status: 1000 })).toThrow(RangeError)
    expect(() => auth.fail({ status: 204, body: {} })).toThrow(TypeError)
    expect(() => auth.fail('drop', Number.NaN)).toThrow("fail: 'times': expected number, got NaN")
  })
})

describe('clients', () => {
  test('tell who they are by HTTP Basic too, and in JSON', async () => {
    const auth = await start({ clientId: 'my app', clientSecret: 'a:b+c' })
    const { tokenEndpoint, clientId, clientSecret } = auth
    for (const way of [{ clientAuthentication: 'client_secret_basic' }, { format: 'json' }] as const) {
      const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret, ...way }))
      await session.signIn(auth.signIn())
      expect((await session.refresh()).accessToken).toMatch(/access-/)
      await session.close()
    }
  })

  test('without a secret need none, but for their name if they give one', async () => {
    const auth = await start({ clientSecret: null })
    const { refresh_token = '' } = auth.signIn()
    const body = (client_id: string) => new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id })
    const send = (form: URLSearchParams) => fetch(auth.tokenEndpoint, { method: 'POST', body: form })
    expect((await send(body('other'))).status).toBe(401)
    expect((await send(body('client'))).status).toBe(200)
  })
})

test('counts how many token requests are under way at once', async () => {
  const auth = await start({ latencyMs: 50 })
  const pairs = Array.from({ length: 5 }, (_, i) => auth.signIn(`account ${i}`))
  await Promise.all(pairs.map(({ refresh_token }) => refresh(auth, refresh_token)))
  await refresh(auth, 'refresh-1')
  expect(auth.counters.mostAtOnce).toBe(5)
})

test('an API can ask it for the 401 to give', async () => {
  const auth = fakeAuthServer()
  const { access_token } = auth.signIn()
  const request = (authorization?: string) => new Request('https://api.example.com/me', { headers: authorization ? { authorization } : {} })
  expect(auth.challenge(request(`Bearer ${access_token}`))).toBeUndefined()
  expect(auth.challenge(request())?.headers.get('www-authenticate')).toBe('Bearer realm="fake"')
  const refused = auth.challenge(request('Bearer other'))
  expect(refused?.status).toBe(401)
  expect(refused?.headers.get('www-authenticate')).toContain('error="invalid_token"')
})

test('asks for the right method, and knows its own paths only', async () => {
  const auth = await start()
  const status = async (path: string, method = 'GET') => (await fetch(auth.url + path, { method })).status
  expect([await status('/token'), await status('/userinfo', 'POST'), await status('/nothing')]).toEqual([405, 405, 404])
})

test('pages of any origin may ask it', async () => {
  const auth = await start()
  const headers = {
    origin: 'https://app.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const { status, headers: allowed } = await fetch(auth.tokenEndpoint, { method: 'OPTIONS', headers })
  expect([status, allowed.get('access-control-allow-origin'), allowed.get('access-control-allow-headers')]).toEqual([
    204,
    '*',
    'authorization',
  ])
})

test('is found by any name of the host, and at the path of its URL', async () => {
  const auth = await start({ url: 'https://AUTH.example:443/tenant a/' })
  expect((await fetch(auth.userinfoEndpoint.replace('127.0.0.1', 'localhost'))).status).toBe(401)
  const request = (url: string) => auth.handle(new Request(url)).then(({ status }) => status)
  expect(await request('https://auth.example/tenant%20a/userinfo')).toBe(401)
  expect(await request('https://auth.example/tenant%20b/userinfo')).toBe(404)
  expect(() => fakeAuthServer({ url: 'auth.example' })).toThrow("fakeAuthServer: option 'url': expected an absolute URL, got auth.example")
})

test('leaves no port open, however listening and closing overlap', async () => {
  const auth = fakeAuthServer()
  const urls = await Promise.all([auth.listen(), auth.listen()])
  expect(new Set(urls).size).toBe(1)
  await auth.close()
  const closing = [auth.listen(), auth.close(), auth.listen()]
  const [second, , third] = await Promise.all(closing)
  expect(auth.url).toBe(third)
  for (const gone of [urls[0], second]) await expect(axios.get(String(gone))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await auth.close()
  await expect(axios.get(String(third))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('listens once however often it is told to, and its port is free again when it is closed', async () => {
  const auth = fakeAuthServer({ url: 'https://auth.example/' })
  expect(auth.tokenEndpoint).toBe('https://auth.example/token')
  const [one, other] = [await auth.listen(), await auth.listen()]
  expect(one).toBe(other)
  expect(auth.url).toBe(one)
  await auth.close()
  await auth.close()
  expect(auth.url).toBe('https://auth.example')
  await expect(axios.get(one)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

describe('wrong options are refused', () => {
  test.each([
    [{ reuse: 'forbid' }, "fakeAuthServer: option 'reuse': expected 'revoke' or 'grace' or 'ignore', got forbid"],
    [{ expiresIn: '3600' }, "fakeAuthServer: option 'expiresIn': expected number or null, got string"],
    [{ latency: 5 }, /fakeAuthServer: unknown option 'latency', expected url, reuse, graceMs/],
  ])('%j', (options, message) => {
    expect(() => fakeAuthServer(options as never)).toThrow(message)
  })
})
