import { type RenewReport, type SessionPool, type SessionPoolOptions, StoreError, type TokenInput } from 'axios-renew'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { HOUR, Rows, Sellers } from './sellers.ts'

const NOTHING: RenewReport = { examined: 0, renewed: 0, adopted: 0, ended: [], failed: [] }
const within = { withinMs: HOUR / 2 }

/** Sellers in every condition; it is 40 minutes later. */
async function assortment(sellers: Sellers, pool: SessionPool): Promise<string[]> {
  const conditions: Record<string, TokenInput> = {
    due: { access_token: 'a', refresh_token: 'due', expires_in: 3600 },
    'not due': { access_token: 'a', refresh_token: 'not due', expires_in: 7200 },
    'of unknown expiry': { access_token: 'a', refresh_token: 'unknown' },
    expired: { access_token: 'a', refresh_token: 'expired', expires_in: 60 },
    'without refresh token': { access_token: 'a', expires_in: 3600 },
    'signed out': { access_token: 'a', refresh_token: 'signed out', expires_in: 3600 },
    ended: { access_token: 'a', refresh_token: 'ended', expires_in: 3600 },
  }
  for (const [account, tokens] of Object.entries(conditions)) await pool.session(account).signIn(tokens)
  await pool.session('signed out').signOut()
  sellers.revoked.add('ended')
  await rejection(pool.session('ended').refresh())
  sellers.received.length = 0
  await sellers.clock.advance((40 / 60) * HOUR)
  return Object.keys(conditions)
}

/** Marks a hand-written `refresh` as one that needs a refresh token, as `oauth2` does. */
function needsRefreshToken(sellers: Sellers): SessionPoolOptions['refresh'] {
  return Object.assign((...given: Parameters<Sellers['refresh']>) => sellers.refresh(...given), {
    [Symbol.for('axios-renew.needs-refresh-token')]: true,
  })
}

describe('pool.renewDue', () => {
  it('refreshes what is due and nothing else, by the list of the store', async () => {
    const sellers = new Sellers()
    const refresh = needsRefreshToken(sellers)
    await assortment(sellers, sellers.pool({ refresh }))
    const report = await sellers.pool({ refresh }).renewDue(within)
    expect(sellers.received.sort()).toEqual(['due', 'expired'])
    const error = expect.objectContaining({ code: 'ERR_REFRESH_FAILED', message: expect.stringContaining('no refresh token') })
    // Those that are signed out or have ended are not even listed.
    expect(report).toEqual({ ...NOTHING, examined: 3, renewed: 2, failed: [{ account: 'without refresh token', error }] })
  })

  it('tells what it found of accounts that it is given, over load and save too', async () => {
    const sellers = new Sellers()
    const rows = new Rows()
    const pool = sellers.pool({ refresh: needsRefreshToken(sellers), store: undefined, load: rows.load, save: rows.save })
    const accounts = await assortment(sellers, pool)
    const report = await pool.renewDue({ ...within, accounts: [...accounts, 'nobody'] })
    expect(sellers.received.sort()).toEqual(['due', 'expired'])
    expect(report).toMatchObject({ examined: 8, renewed: 2, adopted: 0, ended: ['ended'], failed: [{ account: 'without refresh token' }] })
    expect(JSON.parse(String(rows.byAccount.get('due'))).refreshToken).toMatch(/^due-r/)
  })

  it.each([
    ['an array', (names: string[]) => names],
    ['an iterable', (names: string[]) => new Set(names)],
    [
      'an async iterable',
      async function* (names: string[]) {
        yield* names
      },
    ],
  ])('takes its accounts from %s', async (_, of) => {
    const sellers = new Sellers()
    const pool = sellers.pool()
    const accounts = await sellers.signIn(pool, 3)
    expect(await pool.renewDue({ withinMs: 2 * HOUR, accounts: of(accounts) })).toEqual({ ...NOTHING, examined: 3, renewed: 3 })
  })

  it('does each account once a run, also when it is listed twice and its new token is due again at once', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool()
    await pool.session(7).signIn({ access_token: 'a', refresh_token: 'r', expires_in: 60 })
    sellers.expiresIn = 60
    const report = await pool.renewDue({ withinMs: HOUR, accounts: [7, '7', 7] })
    expect(report).toEqual({ ...NOTHING, examined: 1, renewed: 1 })
    expect(sellers.received).toEqual(['r'])
    // The next run is another one.
    await sellers.clock.advance(1000)
    expect(await pool.renewDue({ withinMs: HOUR })).toEqual({ ...NOTHING, examined: 1, renewed: 1 })
  })

  it('does each account once by two workers over one store, which together tell of all', async () => {
    const sellers = new Sellers()
    await sellers.signIn(sellers.pool(), 30)
    await sellers.clock.advance(HOUR / 2 + 1)
    // Also when what is new is due again at once.
    sellers.expiresIn = 60
    sellers.hold = true
    const runs = [sellers.pool(), sellers.pool()].map((pool) => pool.renewDue(within))
    for (let i = 0; i < 30; i++) {
      await sellers.clock.advance(1)
      for (const { go } of sellers.waiting.splice(0)) go()
    }
    const [one, other] = (await Promise.all(runs)) as [RenewReport, RenewReport]
    expect(sellers.received).toHaveLength(30)
    expect(sellers.revoked.size).toBe(0)
    expect(one.renewed + other.renewed).toBe(30)
    expect(one.adopted + other.adopted).toBe(one.examined + other.examined - 30)
    expect([...one.failed, ...other.failed, ...one.ended, ...other.ended]).toEqual([])
  })

  it('tells of a refresh by a request meanwhile as adopted by nobody: it is joined', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool()
    await sellers.signIn(pool, 1)
    await sellers.clock.advance(HOUR)
    sellers.hold = true
    const request = pool.session('s0').getTokens()
    const run = pool.renewDue(within)
    await settle()
    sellers.letGo()
    expect((await request).accessToken).toBe('s0-a1')
    expect(await run).toEqual({ ...NOTHING, examined: 1, renewed: 1 })
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('leaves an account that signs out meanwhile alone', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool()
    await sellers.signIn(pool, 1)
    sellers.hold = true
    const run = pool.renewDue({ withinMs: 2 * HOUR })
    await settle()
    await pool.session('s0').signOut()
    sellers.letGo()
    expect(await run).toEqual({ ...NOTHING, examined: 1 })
  })

  it('calls onProgress after each account, and is not disturbed by what it throws', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool()
    await sellers.signIn(pool, 4)
    const seen: number[] = []
    const report = await pool.renewDue({
      withinMs: 2 * HOUR,
      concurrency: 1,
      onProgress: ({ examined, renewed }): void | Promise<void> => {
        seen.push(examined, renewed)
        if (examined === 2) throw new Error('no display')
        if (examined === 3) return Promise.reject(new Error('no display'))
      },
    })
    expect(seen).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
    expect(report.renewed).toBe(4)
  })

  it('goes on after an answer whose fate is uncertain, a 500 and a store that fails for one account', async () => {
    const sellers = new Sellers()
    const { read } = sellers.store
    sellers.store.read = async (account) => {
      if (account === 's2') throw new Error('no such shard')
      return read(account)
    }
    const pool = sellers.pool()
    const away = sellers.pool({ store: { ...sellers.store, read } })
    await sellers.signIn(away, 4)
    sellers.turnAway('s1', () => fail(500))
    const report = await pool.renewDue({ withinMs: 2 * HOUR, accounts: ['s0', 's1', 's2', 's3'], concurrency: 1 })
    expect(report).toMatchObject({ examined: 4, renewed: 2, failed: [{ account: 's1' }, { account: 's2' }] })
    expect(report.failed[0]?.error).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    expect(report.failed[1]?.error).toBeInstanceOf(StoreError)
    expect(sellers.received).toEqual(['s0-r', 's1-r', 's3-r'])
  })

  it.each([
    [{}, "pool.renewDue: option 'withinMs': expected number, got undefined"],
    [{ withinMs: 1 }, "pool.renewDue: expected option 'accounts', as there is no store that could tell which are due"],
    [{ withinMs: 1, accounts: 'abc' }, "pool.renewDue: option 'accounts': expected object or array, got string"],
    [{ withinMs: 1, accounts: [{ id: 1 }] }, 'pool.renewDue: an account: expected string or number, got object'],
    [{ withinMs: 1, accounts: [], concurrency: 0 }, "pool.renewDue: option 'concurrency': expected at least 1, got 0"],
    [{ withinMs: 1, accounts: [], parallel: 1 }, "pool.renewDue: unknown option 'parallel'"],
  ])('says what is wrong with %o', async (options, message) => {
    const sellers = new Sellers()
    const { due: _, ...store } = sellers.store
    const error = await rejection(sellers.pool({ store }).renewDue(options as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain(message)
  })
})
