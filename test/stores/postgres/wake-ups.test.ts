import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { shortName } from '../../../src/stores/postgres/account-key.ts'
import { requireProgram } from '../../support/own-port.ts'
import { listeners, lock, namePooled, postgresForTests, sleep, someRecord, tell, until } from './kit.ts'

describe.skipIf(!requireProgram('postgres'))('wake-ups of postgresStore', () => {
  const postgres = postgresForTests()
  const stops: (() => void)[] = []
  let accounts = 0

  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  /** A store that watches an account, and has heard of it; another that writes. */
  async function scene() {
    const account = `shop-${++accounts}`
    const [pool, writer] = [postgres.pool(), postgresStore(postgres.pool())]
    await writer.setup()
    let calls = 0
    stops.push(postgresStore(pool).watch(account, () => calls++))
    await heard(account, writer, () => calls)
    // The look that follows the first connection.
    await sleep(300)
    return { account, pool, writer, calls: () => calls }
  }

  /** Writes until somebody is told. */
  async function heard(account: string, writer: ReturnType<typeof postgresStore>, calls: () => number): Promise<void> {
    const before = calls()
    await until('somebody is told', async () => {
      await write(writer, account).catch(() => {})
      await sleep(20)
      return calls() > before
    })
  }

  async function write(store: ReturnType<typeof postgresStore>, account: string, fields = {}): Promise<void> {
    const stored = await store.read(account)
    await store.write(account, someRecord(fields), stored?.version ?? null)
  }

  test('come within 250 ms of a write in another process', async () => {
    const { account, writer, calls } = await scene()
    const took: number[] = []
    for (let i = 0; i < 50; i++) {
      const before = calls()
      const since = performance.now()
      await write(writer, account)
      await until('the watcher is called', () => calls() > before)
      took.push(performance.now() - since)
      // A second call, of a look that crossed the message, belongs to this write.
      await sleep(5)
    }
    took.sort((a, b) => a - b)
    tell(`a watcher in another pool is called ${took[25]?.toFixed(1)} ms after the write began (median; p99 ${took[49]?.toFixed(1)} ms)`)
    expect(took[25]).toBeLessThan(250)
  })

  test('are not sent for an intent', async () => {
    const { account, writer, calls } = await scene()
    const before = calls()
    await write(writer, account, { refreshStartedAt: 1 })
    await sleep(200)
    expect(calls()).toBe(before)
  })

  test('carry neither the account nor a token', async () => {
    const { writer, pool } = await scene()
    const client = await pool.connect()
    const payloads: (string | undefined)[] = []
    client.on('notification', ({ payload }) => payloads.push(payload))
    await client.query(`LISTEN "axios_renew_${shortName('axios_renew')}"`)
    await write(writer, 'ann@example.com')
    await until('a message', () => payloads.length > 0)
    await client.query('UNLISTEN *')
    client.release()
    expect(payloads).toEqual([expect.stringMatching(/^news:[0-9a-f]+$/)])
  })

  test('come again after the connection was cut, and nothing written meanwhile is missed', async () => {
    const { account, pool, writer, calls } = await scene()
    for (let round = 0; round < 5; round++) {
      const before = calls()
      const cut = await listeners(pool)
      await pool.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS cut(pid)', [cut])
      await write(writer, account)
      const since = performance.now()
      await until('the watcher is called', () => calls() > before)
      tell(`told ${Math.round(performance.now() - since)} ms after a write while the connection was cut`)
      await until('it listens again', async () => (await listeners(pool)).some((pid) => !cut.includes(pid)))
      await sleep(400)
    }
  })

  test('come again after the database was restarted', async () => {
    const { account, writer, calls } = await scene()
    await postgres.server.stop('immediate')
    await sleep(500)
    await postgres.server.start()
    const before = calls()
    await write(writer, account)
    const since = performance.now()
    await until('the watcher is called', () => calls() > before)
    tell(`told ${Math.round(performance.now() - since)} ms after a write that followed a restart`)
    await sleep(1000)
    const then = calls()
    const again = performance.now()
    await write(writer, account)
    await until('the watcher is called at once', () => calls() > then)
    expect(performance.now() - again).toBeLessThan(1000)
  })

  test('use one connection for all accounts of a store, which is closed when nobody watches any more', async () => {
    const pool = postgres.pool()
    // Those of the tests before linger for a while.
    const open = async () => (await listeners(pool)).length
    await until('all others are closed', async () => (await open()) === 0)
    const store = postgresStore(postgres.pool())
    const all = Array.from({ length: 100 }, (_, i) => store.watch(`shop-${i}`, () => {}))
    await until('it listens', async () => (await open()) > 0)
    await sleep(300)
    expect(await open()).toBe(1)
    for (const stop of all) stop()
    await until('it is closed', async () => (await open()) === 0)
  })

  test('need no connection where locks are free', async () => {
    const pool = postgres.pool()
    const before = await listeners(pool)
    const store = postgresStore(postgres.pool())
    for (let i = 0; i < 20; i++) await lock(store, 'free', async () => {})
    await sleep(100)
    expect((await listeners(pool)).filter((pid) => !before.includes(pid))).toEqual([])
  })

  test('come where only the pool sets a search_path', async () => {
    const admin = postgres.pool()
    await admin.query('CREATE SCHEMA IF NOT EXISTS hidden')
    const pool = postgres.pool({ onConnect: (client) => client.query('SET search_path TO hidden') })
    const store = postgresStore(pool, { table: 'by_path', leaseMs: 700 })
    await store.setup()
    await admin.query(`INSERT INTO hidden.by_path_leases VALUES ('shop', 'a process that died', clock_timestamp() + interval '0.7 s')`)
    const since = performance.now()
    await lock(store, 'shop', async () => {})
    expect(performance.now() - since).toBeLessThan(2000)
  })

  test('end with the pool', async () => {
    const admin = postgres.pool()
    const before = await listeners(admin)
    const pool = new pg.Pool({ connectionString: postgres.server.connectionString, onConnect: namePooled })
    stops.push(postgresStore(pool).watch('shop', () => {}))
    const own = async () => (await listeners(admin)).filter((pid) => !before.includes(pid))
    await until('it listens', async () => (await own()).length > 0)
    await pool.end()
    await until('it is closed', async () => (await own()).length === 0)
  })

  test('do not keep a process alive', async () => {
    const script = `
      import pg from 'pg'
      import { postgresStore } from './src/postgres.ts'
      const pool = new pg.Pool({ connectionString: '${postgres.server.connectionString}', idleTimeoutMillis: 300 })
      const store = postgresStore(pool)
      await store.setup()
      store.watch('shop', () => {})
      setTimeout(() => process.send('over'), 1000)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit')
    await once(child, 'message')
    const since = performance.now()
    expect(await ended).toEqual([0, null])
    expect(performance.now() - since).toBeLessThan(4000)
  })

  test('are polled for, without an error, through a pool that does not show its connections', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = postgres.pool()
    const plain = { query: (text: string, values?: unknown[]) => pool.query(text, values) }
    const writer = postgresStore(postgres.pool())
    let calls = 0
    stops.push(postgresStore(plain).watch('plain', () => calls++))
    await until('the first look', () => calls > 0)
    const before = calls
    await write(writer, 'plain')
    await until('it is found', () => calls > before)
    expect(warning).toHaveBeenCalledOnce()
    expect(warning.mock.calls[0]).toEqual([
      expect.stringContaining('the pool does not show'),
      expect.objectContaining({ code: 'AXIOS_RENEW_POLLS' }),
    ])
  })
})
