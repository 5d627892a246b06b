import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import type { PostgresPool } from '../../../src/stores/postgres/postgres-pool.ts'

/** A database with one row, through a pool one of whose queries is never answered. */
class SilentOncePool implements PostgresPool {
  version = '1'
  readonly #silentFor: string
  #silent = false

  constructor(silentFor: string) {
    this.#silentFor = silentFor
  }

  async query(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
    if (!this.#silent && text.includes(this.#silentFor)) {
      this.#silent = true
      return new Promise(() => {})
    }
    return { rows: this.answer(text, values) }
  }

  answer(text: string, [first]: unknown[]): unknown[] {
    if (text.includes('relnamespace')) return [{ schema: 'public' }]
    // The look, after all who watch.
    return Array.isArray(first) ? first.map((account) => ({ account, version: this.version, held_ms: null })) : []
  }
}

/** One that shows how it makes its connections, which hear what is notified. */
class ListeningPool extends SilentOncePool {
  readonly clients: EventEmitter[] = []
  readonly options = { clients: this.clients }
  readonly Client = class extends EventEmitter {
    constructor(options: { clients: EventEmitter[] }) {
      super()
      options.clients.push(this)
    }
    async connect() {}
    async end() {}
    async query() {
      return { rows: [] }
    }
  }

  override answer(text: string, values: unknown[]): unknown[] {
    if (text.includes('pg_notify')) for (const client of this.clients) client.emit('notification', { payload: values[0] })
    return super.answer(text, values)
  }
}

describe('a watcher of postgresStore', () => {
  const stops: (() => void)[] = []
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  function watch(pool: PostgresPool): () => number {
    let calls = 0
    stops.push(postgresStore(pool).watch('seller', () => calls++))
    return () => calls
  }

  test('is told what polling finds, after a query that was never answered', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = new SilentOncePool('relnamespace')
    const calls = watch(pool)
    await vi.advanceTimersByTimeAsync(20_000)
    const before = calls()
    pool.version = '2'
    await vi.advanceTimersByTimeAsync(5000)
    expect(calls()).toBe(before + 1)
  })

  test('listens in the end, though the pool has never answered the first time that it tried whether messages arrive', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = new ListeningPool('pg_notify')
    watch(pool)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(pool.clients.length).toBe(2)
    expect(warning).not.toHaveBeenCalled()
    // Where messages arrive it looks less often.
    const look = vi.spyOn(pool, 'answer')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(look.mock.calls.length).toBeLessThanOrEqual(12)
  })

  test('listens again after its connection broke, though the client cannot say how it was closed', async () => {
    const pool = new ListeningPool('nothing')
    watch(pool)
    await vi.advanceTimersByTimeAsync(1000)
    expect(pool.clients).toHaveLength(1)
    Object.assign(pool.clients[0] as object, { end: () => undefined })
    pool.clients[0]?.emit('error', new Error('connection reset'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(pool.clients).toHaveLength(2)
  })
})
