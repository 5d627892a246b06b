import type { SessionPool } from 'axios-renew'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { collectGarbage, sleepWell } from './crowd.ts'
import { done, overRows, overStore, PAIR } from './scenes.ts'
import { HOUR, type Rows, type Sellers } from './sellers.ts'

it.each<[string, (pool: SessionPool, sellers: Sellers) => Promise<() => unknown>]>([
  [
    'has ended, where nobody else would know',
    async (pool, sellers) => {
      sellers.revoked.add('s0')
      await rejection(pool.session('s0').refresh())
      return () => expect(pool.session('s0').status).toBe('ended')
    },
  ],
  [
    'refreshes',
    async (pool, sellers) => {
      sellers.hold = true
      const refreshing = pool.session('s0').refresh()
      await settle()
      return async () => {
        sellers.letGo()
        expect((await refreshing).accessToken).toBe('s0-a1')
        expect(pool.session('s0').getSnapshot().generation).toBe(2)
      }
    },
  ],
  [
    'has listeners',
    async (pool) => {
      pool.session('s0').subscribe(() => {})
      const snapshot = pool.session('s0').getSnapshot()
      return () => expect(pool.session('s0').getSnapshot()).toBe(snapshot)
    },
  ],
  [
    'rests after a failure',
    async (pool, sellers) => {
      sellers.turnAway('s0', () => fail(503))
      await rejection(pool.session('s0').refresh())
      return async () => expect(await rejection(pool.session('s0').refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    },
  ],
])('never lets a session go that %s', async (_, prepare) => {
  const { sellers, pool } = overRows()
  await pool.session('s0').signIn(PAIR)
  const check = await prepare(pool, sellers)
  const sent = sellers.received.length
  expect(await sleepWell(pool, 's0')).toBe(false)
  await check()
  expect(sellers.received).toHaveLength(sent)
})

it('never lets a session go whose pair is not saved, and saves it', async () => {
  const { sellers, rows } = overRows()
  let broken = true
  const save: Rows['save'] = (tokens, account) => {
    if (broken) throw new Error('the database is away')
    rows.save(tokens, account)
  }
  const pool = sellers.pool({ store: undefined, load: rows.load, save })
  await pool.session('s0').signIn(PAIR)
  expect(await sleepWell(pool, 's0')).toBe(false)
  broken = false
  await sellers.clock.advance(60_000)
  expect(rows.load('s0')).toMatchObject({ refreshToken: 's0-r' })
  expect(await sleepWell(pool, 's0')).toBe(true)
})

describe('of too many sessions', () => {
  /** What is forgotten has to be read again before anything is known of it. */
  const isKept = (pool: SessionPool) => (account: string) => pool.session(account).status === 'active'

  it('the least recently used are forgotten first', async () => {
    const { sellers, pool } = overStore({ maxIdleSessions: 300 })
    const accounts = await sellers.signIn(pool, 300)
    await done(pool.session('s0').getTokens())
    await pool.session('one more').signIn(PAIR)
    await collectGarbage()
    // A few are forgotten at once.
    expect(['s0', ...accounts.slice(10)].filter(isKept(pool))).toHaveLength(291)
    expect(pool.session('s1').status).toBe('unknown')
  })

  it('none that is used is forgotten for those that renewDue looks at', async () => {
    const { sellers, pool } = overStore({ maxIdleSessions: 310 })
    const hot = Array.from({ length: 310 }, (_, i) => `hot ${i}`)
    for (const account of hot) await pool.session(account).signIn({ access_token: 'a', refresh_token: 'r' })
    await sellers.signIn(sellers.pool(), 130)
    expect(await pool.renewDue({ withinMs: 2 * HOUR })).toMatchObject({ examined: 130, renewed: 130 })
    await pool.renewDue({ withinMs: 2 * HOUR, accounts: hot })
    await collectGarbage()
    expect(hot.filter(isKept(pool))).toHaveLength(310)
  })
})
