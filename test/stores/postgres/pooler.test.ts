import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { requireProgram } from '../../support/own-port.ts'
import { type PgBouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { lock, postgresForTests, sleep, someRecord, tell, until } from './kit.ts'

describe.skipIf(!requireProgram('postgres') || !requireProgram('pgbouncer'))('postgresStore behind a transaction pooler', () => {
  const postgres = postgresForTests()
  let bouncer: PgBouncer

  beforeAll(async () => {
    bouncer = await startPgBouncer(postgres.server.port)
  })
  afterAll(() => bouncer?.close())

  const pool = (options = {}) => postgres.pool({ connectionString: bouncer.connectionString, ...options })

  test('says once a pool that it polls, and hears of writes within 2 s', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const shared = pool()
    const [store, sibling, writer] = [postgresStore(shared), postgresStore(shared), postgresStore(pool())]
    await store.setup()
    let calls = 0
    const stops = [store, sibling].map((one) => one.watch('shop', () => calls++))
    await until('the warning', () => warning.mock.calls.length > 0)
    await sleep(2500)
    expect(warning).toHaveBeenCalledOnce()
    expect(warning.mock.calls[0]).toEqual([
      expect.stringContaining('as behind a transaction pooler'),
      expect.objectContaining({ code: 'AXIOS_RENEW_POLLS' }),
    ])
    let version: string | null = null
    const took: number[] = []
    for (let i = 0; i < 3; i++) {
      const before = calls
      const since = performance.now()
      version = await writer.write('shop', someRecord(), version)
      await until('it is found', () => calls > before)
      took.push(Math.round(performance.now() - since))
    }
    tell(`behind a pooler a watcher is called after ${took.join(', ')} ms`)
    expect(Math.max(...took)).toBeLessThan(2600)
    for (const stop of stops) stop()
  })

  test('passes the locks of 50 accounts on, within a second and with few questions', async () => {
    const [first, ...others] = Array.from({ length: 4 }, () => postgresStore(pool({ max: 1 }), { leaseMs: 15_000 }))
    await first?.setup()
    const accounts = Array.from({ length: 50 }, (_, i) => `shop-${i}`)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let held = 0
    const holding = accounts.map((account) =>
      lock(first ?? never(), account, () => {
        held++
        return released
      }),
    )
    await until('all are held', () => held === accounts.length)
    const since = performance.now()
    const inTurn: number[] = []
    const waiting = others.flatMap((store) => accounts.map((account) => lock(store, account, async () => inTurn.push(performance.now()))))
    await sleep(3000)
    expect(inTurn).toEqual([])
    release()
    await Promise.all([...holding, ...waiting])
    const last = Math.max(...inTurn) - since - 3000
    tell(`150 who waited for 50 locks behind a pooler had their turn after ${Math.round(last)} ms`)
    expect(last).toBeLessThan(5000)
  })
})

function never(): never {
  throw new Error('there are four')
}
