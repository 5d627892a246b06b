import axios from 'axios'
import { attach, createSession, createSessionPool, memoryStore, oauth2, type SessionPool } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { describe, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { serve, startScene } from './scene.ts'

const GUIDE = 'security.md'

describe('the check of the CSRF section', () => {
  interface Check {
    isOurs(request: { method: string; headers: Record<string, string> }): boolean
  }
  const header = { 'x-requested-by': 'shop' }

  test.each([
    ['a page of ours', 'POST', { ...header, origin: 'https://app.example.com' }, true],
    ['a page of ours that reads', 'GET', header, true],
    ['a form of another site', 'POST', { origin: 'https://evil.example' }, false],
    ['a form of a subdomain', 'POST', { origin: 'https://blog.example.com' }, false],
    ['a form of ours without the header', 'POST', { origin: 'https://app.example.com' }, false],
    ['another site that was allowed the header', 'POST', { ...header, origin: 'https://evil.example' }, false],
    ['a page without an origin', 'POST', { ...header, origin: 'null' }, false],
    ['a POST that tells no origin', 'POST', header, false],
    ['a link or an image', 'GET', {}, false],
  ])('%s', async (_, method, headers, expected) => {
    const { isOurs } = await runBlock<Check>(GUIDE, 'Cookies and CSRF')
    expect(isOurs({ method, headers: headers as Record<string, string> })).toBe(expected)
  })
})

test('a thief who was first ends the session of the user, and a server with reuse detection ends that of the thief', async () => {
  const { auth, oauth, open } = await startScene()
  const stolen = auth.signIn()
  const user = open()
  await user.session.signIn(stolen)
  const heard: string[] = []
  user.session.on('ended', ({ account, error }) => heard.push(`${account}: ${error.code}`))

  const thief = createSession(oauth())
  await thief.signIn(stolen)
  const loot = await thief.refresh()
  auth.expire(stolen.access_token)
  expect(await rejection(user.api.get('/'))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  expect(heard).toEqual(['default: ERR_SESSION_ENDED'])
  expect([auth.accepts(loot.accessToken), auth.counters.grantsRevoked]).toEqual([false, 1])
})

test('a grace window forgives a thief who is quick', async () => {
  const { auth, oauth } = await startScene({ reuse: 'grace' })
  const stolen = auth.signIn()
  const [user, thief] = [createSession(oauth()), createSession(oauth())]
  for (const session of [user, thief]) await session.signIn(stolen)
  await user.refresh()
  expect(auth.accepts((await thief.refresh()).accessToken)).toBe(true)
  expect(auth.counters).toMatchObject({ reused: 1, grantsRevoked: 0 })
})

test('a pair of somebody else is refused', async () => {
  const { auth, oauth } = await startScene()
  const session = createSession(oauth())
  await session.signIn(auth.signIn('a seller', { user_id: 4711 }))
  auth.fail({ status: 200, body: { access_token: 'of-another', refresh_token: 'of-another', expires_in: 3600, user_id: 4712 } })
  expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  expect(auth.accepts((await session.getTokens()).accessToken)).toBe(true)
})

test('secrets go to https only, or to this machine', () => {
  for (const option of ['tokenEndpoint', 'revocationEndpoint']) {
    const endpoints = { tokenEndpoint: 'https://auth.example.com/token', [option]: 'http://auth.example.com/token' }
    expect(() => oauth2(endpoints)).toThrow(`option '${option}': expected an https URL`)
    expect(() => oauth2({ ...endpoints, [option]: 'http://localhost:8080/token' })).not.toThrow()
  }
})

describe('when a pair has leaked', () => {
  /** The addresses of the guide, on the server of the test. */
  const addressesOf = ({ tokenEndpoint, revocationEndpoint }: { tokenEndpoint: string; revocationEndpoint: string }) => ({
    'https://auth.example.com/token': tokenEndpoint,
    'https://auth.example.com/revoke': revocationEndpoint,
  })

  test('step 1 revokes it, in a process that has never loaded the account', async () => {
    const { auth, oauth } = await startScene()
    const store = memoryStore()
    const site = createSessionPool({ ...oauth(), store })
    const pairs = [auth.signIn('maria'), auth.signIn('jose'), auth.signIn('ana')]
    for (const [i, pair] of pairs.entries()) await site.session(i).signIn(pair)
    await runBlock(GUIDE, 'When a pair has leaked', {
      given: { clientId: 'client', clientSecret: 'secret', store, leaked: ['0', '2'] },
      addresses: addressesOf(auth),
    })
    expect(auth.counters.revocations).toBe(2)
    expect(pairs.map(({ access_token }) => auth.accepts(access_token))).toEqual([false, true, false])
    await expect.poll(() => site.session('0').status).toBe('signed-out')
    expect((await store.read('1'))?.record.tokens).not.toBeNull()
  })

  test('step 1 forgets a pair that it could not revoke, so it is copied first', async () => {
    const { auth, oauth } = await startScene()
    const store = memoryStore()
    const leaked = auth.signIn('maria')
    await createSessionPool({ ...oauth(), store })
      .session('maria')
      .signIn(leaked)
    const copy = (await store.read('maria'))?.record.tokens
    await runBlock(GUIDE, 'When a pair has leaked', {
      given: { clientId: 'client', clientSecret: 'secret', store, leaked: ['maria'] },
      addresses: addressesOf({ ...auth, revocationEndpoint: 'http://127.0.0.1:1/revoke' }),
    })
    expect((await store.read('maria'))?.record.tokens).toBeNull()
    expect(auth.accepts(leaked.access_token)).toBe(true)
    expect(copy?.refreshToken).toBe(leaked.refresh_token)
  })

  test('step 2 makes the leaked refresh token worthless, and tells when the thief was first', async () => {
    const { auth, oauth } = await startScene()
    for (const thiefFirst of [false, true]) {
      const leaked = auth.signIn()
      const [user, thief] = [createSession(oauth()), createSession(oauth())]
      await user.signIn(leaked)
      await thief.signIn(leaked)
      const [first, second] = thiefFirst ? [thief, user] : [user, thief]
      await first.refresh()
      expect(await rejection(second.refresh())).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    }
  })

  test('step 4: a new secret needs no sign-in', async () => {
    const { auth, oauth } = await startScene({ clientSecret: 'the-new-secret' })
    const store = memoryStore()
    const old = createSession({ ...oauth({ clientSecret: 'the-old-secret' }), store })
    await old.signIn(auth.signIn())
    expect(await rejection(old.refresh())).toMatchObject({ code: 'ERR_CLIENT_REJECTED' })
    const deployed = createSession({ ...oauth(), store })
    expect(auth.accepts((await deployed.refresh()).accessToken)).toBe(true)
    expect(auth.counters).toMatchObject({ refreshes: 1, reused: 0 })
  })

  test('step 5 moves every record to the new key, with another pair in it', async () => {
    const { auth, oauth } = await startScene()
    const inner = memoryStore()
    const keys = { old: new Uint8Array(32).fill(1), new: new Uint8Array(32).fill(2) }
    const before = createSessionPool({ ...oauth(), store: encryptedStore(inner, { keys: { old: keys.old }, use: 'old' }) })
    for (const account of ['maria', 'jose']) await before.session(account).signIn(auth.signIn(account))
    const pool: SessionPool = createSessionPool({ ...oauth(), store: encryptedStore(inner, { keys, use: 'new' }) })
    const said: string[] = []
    await runBlock(GUIDE, 'When a pair has leaked', { nth: 1, given: { pool, console: { log: (line: string) => said.push(line) } } })
    expect(said).toEqual(['2 moved, 0 must sign in, 0 to try again'])
    const after = createSessionPool({ ...oauth(), store: encryptedStore(inner, { keys: { new: keys.new }, use: 'new' }) })
    for (const account of ['maria', 'jose']) expect(auth.accepts((await after.session(account).getTokens()).accessToken)).toBe(true)
    expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 0 })
  })

  test.each([
    [true, 'signed-in'],
    [false, 'ERR_STORE_UNAVAILABLE'],
  ])('step 5 with an account that has ended, and was signed out before the old key went: %s', async (signedOut, outcome) => {
    const { auth, oauth } = await startScene()
    const inner = memoryStore()
    const keys = { old: new Uint8Array(32).fill(1), new: new Uint8Array(32).fill(2) }
    const ended = createSession({ ...oauth(), store: encryptedStore(inner, { keys: { old: keys.old }, use: 'old' }) })
    await ended.signIn(auth.signIn())
    auth.revoke()
    await rejection(ended.refresh())
    const pool = createSessionPool({ ...oauth(), store: encryptedStore(inner, { keys, use: 'new' }) })
    expect(await pool.renewDue({ withinMs: 10 * 365 * 24 * 3600_000 })).toMatchObject({ examined: 0 })
    if (signedOut) await pool.session('default').signOut()

    const after = createSession({ ...oauth(), store: encryptedStore(inner, { keys: { new: keys.new }, use: 'new' }) })
    const signingIn = after.signIn(auth.signIn())
    expect(
      await signingIn.then(
        () => 'signed-in',
        ({ code }) => code,
      ),
    ).toBe(outcome)
  })
})

test('with DPoP every send has a proof of its own, and a want of a nonce spends no refresh token', async () => {
  const seen: string[] = []
  const answers = [
    { status: 401, challenge: 'DPoP error="use_dpop_nonce"' },
    { status: 401, challenge: 'DPoP error="invalid_token"' },
    { status: 200, challenge: '' },
  ]
  const url = await serve((request, response) => {
    seen.push(`${String(request.headers.authorization).split(' ', 1)} ${request.headers.dpop}`)
    const { status = 500, challenge = '' } = answers.shift() ?? {}
    response.writeHead(status, { 'www-authenticate': challenge }).end()
  })
  let refreshes = 0
  const session = createSession({
    refresh: () => ({ accessToken: `second-${++refreshes}`, refreshToken: 'another', tokenType: 'DPoP' }),
    tokens: { accessToken: 'first', refreshToken: 'one', tokenType: 'DPoP' },
  })
  const api = axios.create({ baseURL: url })
  let proofs = 0
  await runBlock(GUIDE, 'Sender-constrained tokens', {
    given: {
      api,
      session,
      proofFor: async (claims: { htm: string; htu: string }) => `proof ${++proofs} of ${claims.htm} ${claims.htu}`,
    },
  })
  expect(await rejection(api.get('/me?page=2'))).toMatchObject({ status: 401 })
  expect([refreshes, seen]).toEqual([0, [`DPoP proof 1 of GET ${url}/me`]])
  expect((await api.get('/me')).status).toBe(200)
  expect([refreshes, seen.slice(1)]).toEqual([1, [`DPoP proof 2 of GET ${url}/me`, `DPoP proof 3 of GET ${url}/me`]])
})

test('without that a DPoP token is sent under its own scheme, and without a proof', async () => {
  const seen: unknown[] = []
  const url = await serve((request, response) => {
    seen.push(String(request.headers.authorization).split(' ', 1)[0], request.headers.dpop)
    response.end()
  })
  const session = createSession({ refresh: () => null, tokens: { accessToken: 'first', tokenType: 'DPoP' } })
  const api = axios.create({ baseURL: url })
  attach(api, session)
  await api.get('/')
  expect(seen).toEqual(['DPoP', undefined])
})
