import { describe, expect, test, vi } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { requireProgram } from '../../support/own-port.ts'
import { lock, postgresForTests, sleep, tell } from './kit.ts'

describe.skipIf(!requireProgram('postgres'))('leases of postgresStore', () => {
  const postgres = postgresForTests()
  const leaseMs = 600

  async function store(options = {}) {
    const made = postgresStore(postgres.pool(), { leaseMs, ...options })
    await made.setup()
    return made
  }

  test('pass to the next when their holder is gone, and not before', async () => {
    const next = await store()
    // A process that died: a row, and nobody who renews it.
    await postgres
      .pool()
      .query(`INSERT INTO axios_renew_leases VALUES ('gone', 'a process that died', clock_timestamp() + $1 * interval '1 ms')`, [leaseMs])
    const since = performance.now()
    await lock(next, 'gone', async () => {})
    const waited = performance.now() - since
    tell(`the lease of a dead holder (${leaseMs} ms) was taken after ${Math.round(waited)} ms`)
    expect(waited).toBeGreaterThan(leaseMs - 20)
    expect(waited).toBeLessThan(leaseMs + 1000)
  })

  test('are kept by renewal for as long as the work takes', async () => {
    // Long enough for a machine that is busy to renew it.
    const longer = { leaseMs: 2000 }
    const [holder, other] = [await store(longer), await store(longer)]
    const order: string[] = []
    const first = lock(holder, 'long', async ({ signal }) => {
      await sleep(longer.leaseMs * 3)
      order.push(`first ${signal.aborted}`)
    })
    await sleep(50)
    await lock(other, 'long', async () => order.push('second'))
    await first
    expect(order).toEqual(['first false', 'second'])
  })

  test('that were taken by somebody else abort the signal, and are not released', async () => {
    const holder = await store()
    const pool = postgres.pool()
    await lock(holder, 'stolen', async ({ signal }) => {
      await pool.query(`UPDATE axios_renew_leases SET owner = 'thief' WHERE account = 'stolen'`)
      await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: leaseMs })
      expect(signal.reason).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
    })
    const { rows } = await pool.query(`SELECT owner FROM axios_renew_leases WHERE account = 'stolen'`)
    expect(rows).toEqual([{ owner: 'thief' }])
  })

  test('leave no row behind', async () => {
    const holder = await store()
    await lock(holder, 'tidy', async () => {})
    const { rows } = await postgres.pool().query(`SELECT FROM axios_renew_leases WHERE account = 'tidy'`)
    expect(rows).toHaveLength(0)
  })

  test('count by the clock of the database, whatever that of the machine says', async () => {
    const [holder, other] = [await store({ leaseMs: 60_000 }), await store()]
    await lock(holder, 'clock', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 })
      try {
        const taken = other.lock('clock', async () => {}, { waitMs: 0, signal: new AbortController().signal })
        await expect(taken).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
      } finally {
        vi.useRealTimers()
      }
    })
  })

  test('of accounts that have no tokens yet are no tokens', async () => {
    const holder = await store()
    await lock(holder, 'new', async () => expect(await holder.read('new')).toBe(null))
  })

  test('are given up in order: 20 who wait get their turns within a second or two', async () => {
    const stores = [await store({ leaseMs: 30_000 }), await store({ leaseMs: 30_000 })]
    let inside = 0
    const since = performance.now()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        lock(stores[i % 2] ?? never(), 'queue', async () => {
          expect(++inside).toBe(1)
          await sleep(1)
          inside--
        }),
      ),
    )
    tell(`20 turns of one lock took ${Math.round(performance.now() - since)} ms`)
    expect(performance.now() - since).toBeLessThan(8000)
  })
})

function never(): never {
  throw new Error('there are two')
}
