import { describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { CountingClient, statementsSent } from '../../support/counting-client.ts'
import { requireProgram } from '../../support/own-port.ts'
import { lock, postgresForTests, sleep, tell } from './kit.ts'

const accounts = Array.from({ length: 50 }, (_, i) => `shop-${i}`)

describe.skipIf(!requireProgram('postgres'))('postgresStore under load', () => {
  const postgres = postgresForTests()

  test('leaves a pool of one connection to others while 50 accounts hold their locks', async () => {
    const pool = postgres.pool({ max: 1 })
    const store = postgresStore(pool, { leaseMs: 900 })
    await store.setup()
    let held = 0
    let done = 0
    const locks = Promise.all(
      accounts.map((account) =>
        lock(store, account, async () => {
          held++
          await sleep(300)
          done++
        }),
      ),
    )
    const waited: number[] = []
    while (done < accounts.length) {
      const since = performance.now()
      await pool.query('SELECT 1')
      if (done < accounts.length) waited.push(performance.now() - since)
      await sleep(20)
    }
    await locks
    tell(`a query beside 50 locks in a pool of 1 took ${Math.round(Math.max(...waited))} ms at most, of ${waited.length}`)
    expect(held).toBe(50)
    // Not the slowest: the machine may be busy. If a lock kept the connection, all would take as long as the work.
    expect(waited.length).toBeGreaterThan(2)
    expect(median(waited)).toBeLessThan(150)
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

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
