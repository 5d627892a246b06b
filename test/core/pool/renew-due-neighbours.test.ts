import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'
import { HOUR, Sellers } from './sellers.ts'

/** All of them are due. */
const all = { withinMs: 2 * HOUR }

describe('pool.renewDue, beside requests', () => {
  it('works on so many accounts at once as it is told, at most', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool({ maxConcurrentRefreshes: 8 })
    await sellers.signIn(pool, 9)
    sellers.hold = true
    const run = pool.renewDue({ ...all, concurrency: 3 })
    for (let i = 0; i < 3; i++) {
      await settle()
      expect(sellers.running).toBe(3)
      for (const { go } of sellers.waiting.splice(0)) go()
    }
    expect(await run).toMatchObject({ examined: 9, renewed: 9 })
    expect(sellers.mostAtOnce).toBe(3)
  })

  it('does not begin with more than there are slots, so that nobody is given up while it waits for one', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool({ maxConcurrentRefreshes: 1, refreshTimeoutMs: 5000 })
    await sellers.signIn(pool, 12)
    sellers.hold = true
    const run = pool.renewDue({ ...all, concurrency: 12 })
    for (let i = 0; i < 12; i++) {
      await sellers.clock.advance(1000)
      for (const { go } of sellers.waiting.splice(0)) go()
    }
    expect(await run).toMatchObject({ renewed: 12, failed: [] })
  })

  it('lets requests have the slots first', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool({ maxConcurrentRefreshes: 1 })
    const accounts = await sellers.signIn(pool, 5)
    await sellers.clock.advance(HOUR)
    sellers.hold = true
    const run = pool.renewDue({ ...all, accounts: accounts.slice(0, 3), concurrency: 3 })
    await settle()
    const requests = ['s3', 's4'].map((account) => pool.session(account).getTokens())
    for (let i = 0; i < 5; i++) {
      await settle()
      for (const { go } of sellers.waiting.splice(0)) go()
    }
    await Promise.all(requests)
    expect(await run).toMatchObject({ renewed: 3 })
    expect(sellers.received).toEqual(['s0-r', 's3-r', 's4-r', 's1-r', 's2-r'])
  })

  it('gives the slot of a token request that hangs back at refreshTimeoutMs, and goes on', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool({ maxConcurrentRefreshes: 1, refreshTimeoutMs: 5000 })
    const accounts = await sellers.signIn(pool, 3)
    await sellers.clock.advance(HOUR)
    sellers.hold = true
    const run = pool.renewDue({ ...all, accounts })
    await settle()
    sellers.hold = false
    await sellers.clock.advance(4999)
    expect(sellers.received).toEqual(['s0-r'])
    await sellers.clock.advance(1)
    expect(await run).toMatchObject({ renewed: 2, failed: [{ account: 's0', error: { code: 'ERR_REFRESH_UNCERTAIN' } }] })
    // Its answer is taken whenever it comes.
    sellers.letGo()
    await settle()
    expect((await sellers.store.read('s0'))?.record.generation).toBe(2)
    expect(sellers.received).toHaveLength(3)
  })

  it('lets no session go that is in use, for those that it only looks at', async () => {
    const sellers = new Sellers()
    const others = await sellers.signIn(sellers.pool(), 40)
    const reads: string[] = []
    const { read } = sellers.store
    const store = {
      ...sellers.store,
      read(account: string) {
        reads.push(account)
        return read(account)
      },
    }
    const pool = sellers.pool({ store, maxIdleSessions: 5 })
    const hot = ['h0', 'h1', 'h2', 'h3', 'h4']
    for (const account of hot) await pool.session(account).signIn({ access_token: 'a', refresh_token: 'r' })
    expect(await pool.renewDue({ ...all, accounts: [...hot, ...others] })).toMatchObject({ examined: 45, renewed: 40 })
    reads.length = 0
    for (const account of hot) await pool.session(account).getTokens()
    expect(reads).toEqual([])
  })

  it('keeps the session of an account that a request has asked for meanwhile', async () => {
    const sellers = new Sellers()
    const pool = sellers.pool({ maxIdleSessions: 5 })
    await sellers.signIn(sellers.pool(), 1)
    sellers.hold = true
    const run = pool.renewDue(all)
    await settle()
    const handle = pool.session('s0')
    const tokens = await handle.getTokens()
    sellers.letGo()
    await run
    expect(handle.getSnapshot()).toMatchObject({ status: 'active', generation: 2 })
    expect((await handle.refresh({ rejected: tokens })).accessToken).toBe('s0-a1')
    expect(sellers.received).toEqual(['s0-r'])
  })

  it('counts what another worker has renewed as adopted, also when it heard of it while it waited for a slot', async () => {
    const sellers = new Sellers()
    const { read } = sellers.store
    let gate: Promise<void> | undefined
    const store = {
      ...sellers.store,
      async read(account: string) {
        await gate
        return read(account)
      },
    }
    const worker = sellers.pool()
    const pool = sellers.pool({ store, maxConcurrentRefreshes: 1 })
    await sellers.signIn(worker, 2)
    await Promise.all(['s0', 's1'].map((account) => pool.session(account).getTokens()))
    await sellers.clock.advance(HOUR)
    sellers.hold = true
    // The only slot is taken, and the lock of s0 is the worker's.
    const busy = pool.session('s1').getTokens()
    const first = worker.session('s0').getTokens()
    await settle()
    const run = pool.renewDue({ ...all, accounts: ['s0'] })
    await settle()
    let open = () => {}
    gate = new Promise((resolve) => {
      open = resolve
    })
    // The lock is free, and the look at what the worker has written takes longer.
    sellers.waiting.find(({ account }) => account === 's0')?.go()
    await settle()
    gate = undefined
    open()
    await settle()
    sellers.letGo()
    await Promise.all([busy, first])
    expect(await run).toMatchObject({ examined: 1, renewed: 0, adopted: 1 })
    expect(sellers.received.sort()).toEqual(['s0-r', 's1-r'])
  })
})

describe('pool.renewDue, after a pause', () => {
  const tooMany = (seconds: number) => () => fail(429, {}, { 'retry-after': `${seconds}` })

  /** A run that has paused for two minutes, and an account that rests for 5 s only. */
  async function paused() {
    const sellers = new Sellers()
    const pool = sellers.pool()
    await sellers.signIn(pool, 2)
    sellers.turnAway('s0', tooMany(120))
    sellers.turnAway('s1', tooMany(5))
    const run = pool.renewDue(all)
    await sellers.clock.advance(6000)
    expect(sellers.received).toEqual(['s0-r', 's1-r'])
    sellers.received.length = 0
    return { sellers, pool, run }
  }

  it('does not renew again what another worker has renewed, whose pause was shorter', async () => {
    const sellers = new Sellers()
    await sellers.signIn(sellers.pool(), 1)
    // The one lets the lock go, and the other is turned away as well.
    sellers.turnAway('s0', tooMany(1), tooMany(5))
    const runs = [sellers.pool(), sellers.pool()].map((pool) => pool.renewDue(all))
    await sellers.clock.advance(2000)
    expect(sellers.received).toEqual(['s0-r', 's0-r', 's0-r'])
    await sellers.clock.advance(5000)
    const reports = await Promise.all(runs)
    expect(sellers.received).toHaveLength(3)
    expect(reports).toMatchObject([
      { examined: 1, renewed: 1, adopted: 0, failed: [] },
      { examined: 1, renewed: 0, adopted: 1, failed: [] },
    ])
  })

  it('does not renew again what a request has renewed', async () => {
    const { sellers, pool, run } = await paused()
    await pool.session('s1').refresh()
    await sellers.clock.advance(120_000)
    expect(await run).toMatchObject({ examined: 2, renewed: 1, adopted: 1, failed: [] })
    expect(sellers.received).toEqual(['s1-r', 's0-r'])
  })

  it('leaves an account alone that has signed in anew, or out', async () => {
    const { sellers, pool, run } = await paused()
    await pool.session('s0').signOut()
    await pool.session('s1').signIn({ access_token: 'other', refresh_token: 'other', expires_in: 60 })
    await sellers.clock.advance(120_000)
    expect(await run).toMatchObject({ examined: 2, renewed: 0, adopted: 0, ended: [], failed: [] })
    expect(sellers.received).toEqual([])
  })

  it('tells of an account that has ended', async () => {
    const { sellers, pool, run } = await paused()
    sellers.revoked.add('s1')
    await rejection(pool.session('s1').refresh())
    await sellers.clock.advance(120_000)
    expect(await run).toMatchObject({ examined: 2, renewed: 1, adopted: 0, ended: ['s1'], failed: [] })
    expect(sellers.received).toEqual(['s1-r', 's0-r'])
  })
})
