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

/** What goes wrong, once each, with a connection that listens. */
interface Trouble {
  /** The state with which LISTEN is refused. */
  refusal?: string
  /** How long a notification takes, in ms. */
  echoMs?: number
  unlistenUnanswered?: boolean
}

/** One that shows how it makes its connections, which hear what is notified. */
class ListeningPool extends SilentOncePool {
  readonly clients: EventEmitter[] = []
  readonly trouble: Trouble
  readonly options: { pool: ListeningPool } = { pool: this }
  readonly Client = class extends EventEmitter {
    readonly #pool: ListeningPool
    constructor({ pool }: { pool: ListeningPool }) {
      super()
      this.#pool = pool
      pool.clients.push(this)
    }
    async connect() {}
    async end() {}
    async query(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
      const { trouble } = this.#pool
      const { refusal: code, unlistenUnanswered } = trouble
      if (text.startsWith('LISTEN') && code) {
        trouble.refusal = undefined
        throw Object.assign(new Error('refused'), { code, severity: 'ERROR' })
      }
      if (text.startsWith('UNLISTEN') && unlistenUnanswered) {
        trouble.unlistenUnanswered = false
        return new Promise(() => {})
      }
      return { rows: this.#pool.answer(text, values) }
    }
  }

  constructor(silentFor: string, trouble: Trouble = {}) {
    super(silentFor)
    this.trouble = trouble
  }

  override answer(text: string, values: unknown[]): unknown[] {
    if (text.includes('pg_notify')) {
      const echo = () => {
        for (const client of this.clients) client.emit('notification', { payload: values[0] })
      }
      const { echoMs = 0 } = this.trouble
      this.trouble.echoMs = 0
      if (echoMs === 0) echo()
      else if (echoMs < Number.POSITIVE_INFINITY) setTimeout(echo, echoMs)
    }
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

  /** Where messages arrive it looks less often. */
  async function looksInAMinute(pool: ListeningPool): Promise<number> {
    const answer = vi.spyOn(pool, 'answer')
    await vi.advanceTimersByTimeAsync(60_000)
    const looks = answer.mock.calls.filter(([, [first]]) => Array.isArray(first)).length
    answer.mockRestore()
    return looks
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
    expect(await looksInAMinute(pool)).toBeLessThanOrEqual(12)
  })

  test.each(['25006', '53300', '58030'])('listens in the end, though LISTEN was refused with %s: that soon passes', async (refusal) => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = new ListeningPool('nothing', { refusal })
    watch(pool)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await looksInAMinute(pool)).toBeLessThanOrEqual(12)
    expect(pool.clients.length).toBe(2)
    expect(warning).not.toHaveBeenCalled()
  })

  test.each([
    ['LISTEN was refused, as by a pooler that does not support it', { refusal: '0A000' }],
    ['LISTEN was refused, as by a pooler that does not understand it', { refusal: '42601' }],
    ['LISTEN was refused for a reason of its own', { refusal: 'XX000' }],
    ['one message that should have come at once was late', { echoMs: 2500 }],
  ])('polls, says so, and listens again after five minutes, though %s', async (_, trouble) => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = new ListeningPool('nothing', trouble)
    watch(pool)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(await looksInAMinute(pool)).toBeGreaterThanOrEqual(28)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await looksInAMinute(pool)).toBeLessThanOrEqual(12)
    expect(pool.clients.length).toBe(2)
    expect(warning).toHaveBeenCalledTimes(1)
  })

  test('says once that messages never arrive, however often it tries again, and leaves nothing behind', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const pool = new ListeningPool('nothing')
    Object.defineProperty(pool.trouble, 'echoMs', { get: () => Number.POSITIVE_INFINITY, set: () => {} })
    watch(pool)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(pool.clients.length).toBe(12)
    expect(warning).toHaveBeenCalledTimes(1)
    expect(warning.mock.calls[0]?.[1]).toMatchObject({ code: 'AXIOS_RENEW_POLLS' })
    for (const stop of stops.splice(0)) stop()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('listens in the end, though no message came and UNLISTEN was never answered', async () => {
    const pool = new ListeningPool('nothing', { echoMs: Number.POSITIVE_INFINITY, unlistenUnanswered: true })
    watch(pool)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await looksInAMinute(pool)).toBeLessThanOrEqual(12)
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
