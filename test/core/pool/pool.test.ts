import { createSessionPool, memoryStore, SessionEndedError, SignedOutError } from 'axios-renew'
import { expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { sleepWell } from './crowd.ts'
import { HOUR, Sellers } from './sellers.ts'

it('has one session an account, whatever handle it is used through', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  await pool.session(7).signIn({ access_token: 'a', refresh_token: 'r', expires_in: 3600 })
  expect(pool.session('7').status).toBe('active')
  await sellers.clock.advance(HOUR)
  const tokens = await Promise.all(Array.from({ length: 10 }, () => pool.session(7).getTokens()))
  expect(new Set(tokens).size).toBe(1)
  expect(sellers.received).toEqual(['r'])
})

it('never mixes accounts, whatever they are called', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  const names = ['__proto__', 'constructor', 'lock:x', '1', ' ', 'ñ{a}', 'default']
  for (const name of names) await pool.session(name).signIn({ access_token: `token of ${name}`, expires_in: 60 })
  for (const name of names) expect((await sellers.pool().session(name).getTokens()).accessToken).toBe(`token of ${name}`)
})

it('makes at most so many token requests at once, those that requests wait for first', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool({ maxConcurrentRefreshes: 2 })
  const accounts = await sellers.signIn(pool, 6)
  await sellers.clock.advance(HOUR)
  sellers.hold = true
  const nightly = pool.renewDue({ withinMs: HOUR, accounts: accounts.slice(0, 4), concurrency: 4 })
  await settle()
  expect(sellers.waiting.map(({ account }) => account)).toEqual(['s0', 's1'])
  const request = pool.session('s5').getTokens()
  await settle()
  expect(sellers.running).toBe(2)
  sellers.waiting[0]?.go()
  await settle()
  expect(sellers.waiting.at(-1)?.account).toBe('s5')
  sellers.hold = false
  for (const { go } of sellers.waiting) go()
  await request
  await nightly
  expect(sellers.mostAtOnce).toBe(2)
  expect(sellers.received).toHaveLength(5)
})

it('takes the slot of a token request that hangs back at refreshTimeoutMs', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool({ maxConcurrentRefreshes: 1, refreshTimeoutMs: 1000 })
  await sellers.signIn(pool, 2)
  await sellers.clock.advance(HOUR)
  sellers.hold = true
  const stuck = rejection(pool.session('s0').getTokens())
  await settle()
  sellers.hold = false
  await sellers.clock.advance(500)
  // Half a second later, or it would be told at the same moment that its time is over.
  const next = pool.session('s1').getTokens()
  await sellers.clock.advance(499)
  expect(sellers.received).toEqual(['s0-r'])
  await sellers.clock.advance(1)
  expect(await stuck).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
  expect((await next).accessToken).toBe('s1-a2')
  expect(sellers.received).toEqual(['s0-r', 's1-r'])
})

it('lets idle sessions go, and never one that would be missed', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool({ maxIdleSessions: 3 })
  await sellers.signIn(pool, 10)
  await sellers.clock.advance(HOUR)
  sellers.hold = true
  const handle = pool.session('s0')
  const refreshing = handle.getTokens()
  await settle()
  for (let i = 1; i < 10; i++) await pool.session(`other ${i}`).signIn({ access_token: 'a', expires_in: 60 })
  expect(handle.status).toBe('active')
  const other = pool.session('s0').getTokens()
  sellers.waiting[0]?.go()
  expect(await other).toBe(await refreshing)
  expect(sellers.received).toEqual(['s0-r'])
})

it('keeps sessions with listeners, and all of them where nothing is stored', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool({ maxIdleSessions: 1 })
  const seen: string[] = []
  pool.session('s0').on('signed-out', ({ account }) => seen.push(account))
  await sellers.signIn(pool, 5)
  await pool.session('s0').signOut()
  expect(seen).toEqual(['s0'])
  const bare = createSessionPool({ refresh: sellers.refresh, maxIdleSessions: 1 })
  await sellers.signIn(bare, 5)
  for (let i = 0; i < 5; i++) expect((await bare.session(`s${i}`).getTokens()).accessToken).toBe(`s${i}-a`)
})

it('tells the events of all sessions, with their account', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  const heard: string[] = []
  for (const name of ['signed-in', 'refreshed', 'ended'] as const) pool.on(name, ({ account }) => heard.push(`${name} ${account}`))
  await sellers.signIn(pool, 2)
  await sellers.clock.advance(HOUR)
  sellers.revoked.add('s1')
  await pool.session('s0').getTokens()
  await rejection(pool.session('s1').getTokens())
  expect(heard).toEqual(['signed-in s0', 'signed-in s1', 'refreshed s0', 'ended s1'])
})

it('rejects at once for accounts that are signed out or have ended', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  expect(await rejection(pool.session('nobody').getTokens())).toBeInstanceOf(SignedOutError)
  await sellers.signIn(pool, 1)
  sellers.revoked.add('s0')
  await sellers.clock.advance(HOUR)
  expect(await rejection(pool.session('s0').getTokens())).toBeInstanceOf(SessionEndedError)
})

it('leaves a session closed that was, also when it has slept since', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  await sellers.signIn(pool, 1)
  await pool.session('s0').close()
  expect(await sleepWell(pool, 's0')).toBe(true)
  await sellers.clock.advance(HOUR)
  expect(await rejection(pool.session('s0').getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  expect(await rejection(pool.session('s0').refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  expect(sellers.received).toEqual([])
  // Others are not.
  await pool.session('s1').signIn({ access_token: 'a', refresh_token: 's1-r', expires_in: 60 })
  expect((await pool.session('s1').refresh()).accessToken).toBe('s1-a1')
})

it('starts no new work once it is closed, and waits for what is under way', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  await sellers.signIn(pool, 2)
  await sellers.clock.advance(HOUR)
  sellers.hold = true
  const refreshing = pool.session('s0').getTokens()
  await settle()
  let closed = false
  const closing = pool.close().then(() => {
    closed = true
  })
  await settle()
  expect(closed).toBe(false)
  expect(await rejection(pool.session('s1').getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  expect(await rejection(pool.session('new').getTokens())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  sellers.waiting[0]?.go()
  await closing
  expect((await sellers.store.read('s0'))?.record.generation).toBe(2)
  await refreshing
})

it.each([
  [{ refresh: 1 }, "createSessionPool: option 'refresh': expected function, got number"],
  [{ refresh() {}, tokens: {} }, "createSessionPool: unknown option 'tokens'"],
  [{ refresh() {}, account: 'a' }, "createSessionPool: unknown option 'account'"],
  [{ refresh() {}, maxConcurrentRefreshes: 0 }, "createSessionPool: option 'maxConcurrentRefreshes': expected at least 1, got 0"],
  [{ refresh() {}, maxIdleSessions: '1' }, "createSessionPool: option 'maxIdleSessions': expected number, got string"],
  [{ refresh() {}, store: {} }, "createSessionPool: option 'store.read': expected function, got undefined"],
  [{ refresh() {}, store: memoryStore(), load() {} }, "createSessionPool: expected either 'store', or 'load' and 'save', got both"],
])('says what is wrong with %o', (options, message) => {
  expect(() => createSessionPool(options as never)).toThrow(message)
})
