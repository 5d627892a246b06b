import axios from 'axios'
import { attach, createSession, memoryStore, type Session, type SessionPool, type TokenStore } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { runBlock } from './run-block.ts'
import { startScene } from './scene.ts'

const GUIDE = 'troubleshooting.md'

describe('two token requests instead of one', () => {
  test('when every module makes a session of its own', async () => {
    const { auth, open } = await startScene({ latencyMs: 50 })
    const tokens = auth.signIn()
    const [one, other] = [open({ tokens }), open({ tokens })]
    auth.expire()
    await Promise.allSettled([one.api.get('/'), other.api.get('/')])
    expect(auth.counters).toMatchObject({ tokenRequests: 2, reused: 1, grantsRevoked: 1 })
  })

  test('and not when all attach the same', async () => {
    const { auth, url, oauth } = await startScene({ latencyMs: 50 })
    const { session } = await runBlock<{ session: Session }>(GUIDE, 'Two token requests instead of one', {
      given: { options: oauth() },
    })
    await session.signIn(auth.signIn())
    const clients = [1, 2, 3].map(() => axios.create({ baseURL: url }))
    for (const client of clients) attach(client, session)
    auth.expire()
    for (const { status } of await Promise.all(clients.map((client) => client.get('/')))) expect(status).toBe(200)
    expect(auth.counters).toMatchObject({ tokenRequests: 1 })
  })
})

describe('Next.js and serverless functions refresh at every request', () => {
  test('when each start knows only the refresh token', async () => {
    const { auth, open } = await startScene({ rotate: false })
    const { refresh_token: refreshToken } = auth.signIn()
    for (let start = 0; start < 5; start++) expect((await open({ tokens: { refreshToken } }).api.get('/')).status).toBe(200)
    expect(auth.counters.tokenRequests).toBe(5)
  })

  test('and not over a store that outlives them', async () => {
    const { auth, url, oauth } = await startScene()
    const store = memoryStore()
    const slot: { pool?: SessionPool } = {}
    const start = async () => {
      const { pool } = await runBlock<{ pool: SessionPool }>(GUIDE, 'Next.js and serverless functions refresh at every request', {
        given: { options: oauth(), store, globalThis: slot, waitUntil: () => {} },
      })
      const api = axios.create({ baseURL: url })
      attach(api, pool)
      return { pool, api }
    }
    const first = await start()
    await first.pool.session('maria').signIn(auth.signIn())
    // A module that is evaluated again, as in development, finds the pool that is there.
    expect((await start()).pool).toBe(first.pool)
    auth.expire()
    for (let cold = 0; cold < 5; cold++) {
      delete slot.pool
      expect((await (await start()).api.get('/', { renew: { account: 'maria' } })).status).toBe(200)
    }
    expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  })
})

test('the clock is wrong: a stored pair is taken for old once, and the new one is counted from when it was asked for', async () => {
  const clock = fakeClock()
  const { auth, open } = await startScene({ clock })
  const { access_token: accessToken, refresh_token: refreshToken } = auth.signIn()
  const ahead = { ...clock, now: () => clock.now() + 2 * 3600_000 }
  const { session, api } = open({ clock: ahead, tokens: { accessToken, refreshToken, expiresAt: clock.now() + 3600_000 } })
  const told: (number | undefined)[] = []
  session.on('refreshed', ({ expiresAt }) => told.push(expiresAt))
  for (let i = 0; i < 20; i++) expect((await api.get('/')).status).toBe(200)
  expect(auth.counters.tokenRequests).toBe(1)
  // What the guide tells to look at: the expiry is two hours off.
  const [expiresAt = 0] = told
  expect(Math.round((expiresAt - clock.now()) / 3600_000)).toBe(3)
})

test('ERR_LOCK_TIMEOUT under load: who waits longer than refreshTimeoutMs leaves, sends nothing, and serves what is valid', async () => {
  const { auth, oauth } = await startScene()
  const store = memoryStore()
  const holder = createSession({ ...oauth(), store })
  const other = createSession({ ...oauth(), store, refreshTimeoutMs: 100 })
  await holder.signIn(auth.signIn())
  await other.getTokens()
  auth.fail('hang')
  const refreshing = holder.refresh()
  await expect.poll(() => auth.counters.tokenRequests).toBe(1)
  expect(await rejection(other.refresh())).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
  expect((await other.getTokens()).accessToken).toBeDefined()
  expect(auth.counters.tokenRequests).toBe(1)
  auth.release()
  const fresh = await refreshing
  await expect.poll(async () => (await other.getTokens()).accessToken).toBe(fresh.accessToken)
  expect(auth.counters.tokenRequests).toBe(1)
})

describe('ERR_STORE_UNAVAILABLE after a new client id or key', () => {
  test('of another client: named, and cured by a place of its own', async () => {
    const { auth, oauth } = await startScene()
    const store = memoryStore()
    await createSession({ ...oauth(), store }).signIn(auth.signIn())
    const other = createSession({ ...oauth({ clientId: 'another-app' }), store })
    expect(await rejection(other.getTokens())).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('belong to the client'),
    })
    expect(auth.counters.tokenRequests).toBe(0)
  })

  test('with a key that is gone: named, kept as it is, and read again when the key is back', async () => {
    const { auth, oauth } = await startScene()
    const inner = memoryStore()
    const over = (keys: Record<string, Uint8Array>, use: string) =>
      createSession({ ...oauth(), store: encryptedStore(inner, { keys, use }) })
    const [old, fresh] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    await over({ old }, 'old').signIn(auth.signIn())
    const before = await inner.read('default')
    const error = await rejection(over({ fresh }, 'fresh').getTokens())
    expect(error).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining(`the key "old", which is not in 'keys'`),
    })
    expect(await inner.read('default')).toEqual(before)
    expect((await over({ old, fresh }, 'fresh').getTokens()).accessToken).toBeDefined()
  })
})

test('store-degraded: told once, valid tokens are served, nothing is sent, and it is over by itself', async () => {
  const { auth, oauth } = await startScene()
  const inner = memoryStore()
  const state = { down: false }
  const store: TokenStore = {
    ...inner,
    read: async (account) => {
      if (state.down) throw new Error('connect ECONNREFUSED')
      return inner.read(account)
    },
  }
  const session = createSession({ ...oauth(), store })
  let told = 0
  session.on('store-degraded', () => told++)
  await session.signIn(auth.signIn())
  state.down = true
  for (const _ of [1, 2, 3]) {
    expect((await session.getTokens()).accessToken).toBeDefined()
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', cause: { message: 'connect ECONNREFUSED' } })
  }
  expect([told, auth.counters.tokenRequests]).toEqual([1, 0])
  state.down = false
  await expect
    .poll(
      () =>
        session.refresh().then(
          () => true,
          () => false,
        ),
      { timeout: 5000 },
    )
    .toBe(true)
  expect(auth.counters).toMatchObject({ tokenRequests: 1 })
})
