import { createSessionPool } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { CountingClient, statementsSent } from '../../support/counting-client.ts'
import { requireProgram } from '../../support/own-port.ts'
import { lock, postgresForTests, sleep, someRecord, tell } from './kit.ts'

const accounts = Array.from({ length: 50 }, (_, i) => `shop-${i}`)

describe.skipIf(!requireProgram('postgres'))('postgresStore under load', () => {
  const postgres = postgresForTests()

  test('leaves a pool of one connection to others while 50 accounts refresh', async () => {
    const refreshMs = 2000
    const database = postgres.pool({ max: 1 })
    const store = postgresStore(database)
    await store.setup()
    const expired = { accessToken: 'an old one', refreshToken: 'to be spent', expiresAt: 1 }
    for (const account of accounts) await store.write(account, someRecord({ tokens: expired }), null)
    let running = 0
    let most = 0
    const refresh = async () => {
      most = Math.max(most, ++running)
      await sleep(refreshMs)
      running--
      return { accessToken: 'a new one', refreshToken: 'the next', expires_in: 3600 }
    }
    const pool = createSessionPool({ store, refresh, maxConcurrentRefreshes: accounts.length })
    let served = 0
    const serving = Promise.all(
      accounts.map((account) =>
        pool
          .session(account)
          .getTokens()
          .finally(() => served++),
      ),
    )
    const waited: number[] = []
    while (served < accounts.length) {
      const since = performance.now()
      await database.query('SELECT 1')
      waited.push(performance.now() - since)
      await sleep(20)
    }
    expect(new Set((await serving).map(({ accessToken }) => accessToken))).toEqual(new Set(['a new one']))
    await pool.close()
    const slow = percentile(waited, 0.95)
    tell(
      `a query beside 50 refreshes in a pool of 1 took ${Math.round(slow)} ms (95 % of ${waited.length}), the first and last steps of all included`,
    )
    expect(most).toBe(accounts.length)
    // A refresh that kept the connection would keep every query for as long as it takes.
    expect(waited.length).toBeGreaterThan(10)
    expect(slow).toBeLessThan(refreshMs / 2)
  })

  test('asks for at most 200 transactions a second while 50 accounts wait in 4 processes', async () => {
    const seconds = 5
    const stores = Array.from({ length: 4 }, () => postgresStore(postgres.pool({ Client: CountingClient }), { leaseMs: 15_000 }))
    await stores[0]?.setup()
    const holder = postgresStore(postgres.pool({ Client: CountingClient }), { leaseMs: 15_000 })
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let held = 0
    const holding = accounts.map((account) =>
      lock(holder, account, () => {
        held++
        return released
      }),
    )
    while (held < accounts.length) await sleep(10)

    const before = statementsSent()
    let served = 0
    const waiting = stores.flatMap((store) =>
      accounts.map((account) => {
        const stop = store.watch(account, () => {})
        return lock(store, account, async () => served++).finally(stop)
      }),
    )
    await sleep(seconds * 1000)
    const during = statementsSent() - before
    expect(served).toBe(0)
    const since = performance.now()
    release()
    await Promise.all([...holding, ...waiting])
    tell(`${Math.round(during / seconds)} transactions/s while 50 accounts waited in 4 processes, the first questions included`)
    tell(`all 200 had their turn ${Math.round(performance.now() - since)} ms after the locks were released`)
    expect(during / seconds).toBeLessThan(200)
  })
})

function percentile(values: number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}
