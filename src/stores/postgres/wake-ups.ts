import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore, within } from '../../core/wait.ts'
import { Watchers } from '../shared/watchers.ts'
import { accountOf, keyOf, shortName } from './account-key.ts'
import { Connection } from './connection.ts'
import { EarliestTimer } from './earliest-timer.ts'
import { hasEnded, type PostgresPool } from './postgres-pool.ts'
import type { Query, Row } from './query.ts'
import type { Statements } from './statements.ts'

/** Whoever waits for less needs no connection: most locks are free. */
const START_MS = 20
/** How long the connection stays open when nobody watches any more. */
const LINGER_MS = 5000
/** How often all who watch are looked after: where messages arrive, where none do, and if a lock is waited for there. */
const LOOK_MS = { live: 5000, deaf: 2000, locks: 500 }
/** They are not looked after more often than that. */
const GAP_MS = 200
/** How long an answer may take. A pool whose connections hang must not stop us from looking again. */
export const ANSWER_MS = 15_000
/** When a lease runs out those who wait for it, in all processes, do not ask at the same moment. */
const SPREAD_MS = 50
/** A version that no row has: whatever is found is new. */
const UNKNOWN = ''

/** Pools whose user was told that nothing is heard through them: once is enough. */
const warned = new WeakSet<PostgresPool>()

/** What is notified when tokens were written, and when a lease was given back. */
export const newsOf = (account: string) => `news:${shortName(account)}`
export const freeOf = (account: string) => `free:${shortName(account)}`

/** What {@link WakeUps} asks the database. */
export interface WakeUpsOptions {
  pool: PostgresPool
  query: Query
  statements: Statements
  /** The statement that looks, for a connection that may have another `search_path` than those of the pool. */
  lookElsewhere: () => Promise<string>
}

/** Tells those in this process who wait for tokens or leases: one connection, and one look, for all accounts of a store. */
export class WakeUps {
  readonly #options: WakeUpsOptions
  readonly #news = new Watchers()
  readonly #free = new Watchers()
  /** Each account that is watched, and the version last seen; `undefined`: what is there now is known. */
  readonly #seen = new Map<string, unknown>()
  /** Whom a message wakes. */
  readonly #bells = new Map<string, () => void>()
  readonly #looks = new EarliestTimer(() => this.#look(), GAP_MS)
  #connection: Connection | undefined
  #live = false
  #stopLinger: () => void = ignore

  constructor(options: WakeUpsOptions) {
    this.#options = options
  }

  /** Calls back after tokens were written. Returns what stops that. */
  onNews(account: string, callback: () => void): () => void {
    if (this.#live) this.#looks.within(LOOK_MS.live)
    return this.#add(this.#news, account, callback, !this.#live)
  }

  /** Calls back when a lease may have become free, also by running out. Returns what stops that. */
  onFree(account: string, callback: () => void): () => void {
    // To learn when it will run out.
    return this.#add(this.#free, account, callback, true)
  }

  #add(watchers: Watchers, account: string, callback: () => void, look: boolean): () => void {
    this.#stopLinger()
    const remove = watchers.add(account, callback)
    if (!this.#seen.has(account)) {
      this.#seen.set(account, this.#live ? undefined : UNKNOWN)
      this.#bells.set(newsOf(account), () => this.#news.notify(account))
      this.#bells.set(freeOf(account), () => this.#free.notify(account))
    }
    const stopStart = look ? startTimer(systemClock, START_MS, () => this.#looks.within(0)) : ignore
    return () => {
      stopStart()
      remove()
      if (this.#news.has(account) || this.#free.has(account)) return
      this.#seen.delete(account)
      this.#bells.delete(newsOf(account))
      this.#bells.delete(freeOf(account))
      this.#stopLinger()
      if (this.#seen.size === 0) this.#stopLinger = startTimer(systemClock, LINGER_MS, () => this.#close())
    }
  }

  /** Looks after all who watch, with one statement: the net under the messages. */
  async #look(): Promise<void> {
    if (this.#seen.size === 0) return
    if (hasEnded(this.#options.pool)) return this.#close()
    this.#connection ??= this.#connect()
    let next = this.#live ? LOOK_MS.live : this.#free.size > 0 ? LOOK_MS.locks : LOOK_MS.deaf
    try {
      const rows = await within(this.#ask(), ANSWER_MS, systemClock, () => new Error('no answer'))
      for (const row of rows) next = Math.min(next, this.#compare(row))
    } catch {
      // The store is down, which those who use it are told. What was missed will be found.
      next = LOOK_MS.locks
    }
    if (this.#seen.size > 0) this.#looks.within(next)
  }

  /** On the connection of our own, so that the pool keeps its connections for its user, and may let them go. */
  async #ask(): Promise<Row[]> {
    const { query, statements, lookElsewhere } = this.#options
    const keys = [...this.#seen.keys()].map(keyOf)
    const elsewhere = await lookElsewhere()
    const answer = await this.#connection?.query(elsewhere, [keys])?.catch(ignore)
    return answer ? (answer.rows as Row[]) : query(statements.look, [keys])
  }

  /** Tells those whom this row is news to; returns in how many ms to look again. */
  #compare({ account: key, version, held_ms }: Row): number {
    const account = accountOf(String(key))
    if (!this.#seen.has(account)) return LOOK_MS.live
    const seen = this.#seen.get(account)
    this.#seen.set(account, version)
    if (seen !== undefined && seen !== version) this.#news.notify(account)
    if (!this.#free.has(account)) return LOOK_MS.live
    if (held_ms !== null && Number(held_ms) > 0) return Number(held_ms) + Math.random() * SPREAD_MS
    this.#free.notify(account)
    return LOOK_MS.live
  }

  #connect(): Connection {
    const { pool, query, statements } = this.#options
    return new Connection({
      pool,
      listen: statements.listen,
      notify: (payload) => query(statements.notify, [payload]),
      onMessage: (payload) => this.#bells.get(payload)?.(),
      onLive: () => {
        this.#live = true
        // What was written before is found by comparing.
        this.#looks.within(0)
      },
      onDown: () => {
        this.#live = false
        for (const [account, version] of this.#seen) if (version === undefined) this.#seen.set(account, UNKNOWN)
        this.#looks.within(LOOK_MS.locks)
      },
      onDeaf: (why) => this.#warn(why),
    })
  }

  #close(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#live = false
    this.#looks.stop()
  }

  /** Nothing is wrong, but others hear later. */
  #warn(why: string): void {
    if (warned.has(this.#options.pool)) return
    warned.add(this.#options.pool)
    const message = `postgresStore polls: ${why}. It asks every ${LOOK_MS.deaf} ms, and every ${LOOK_MS.locks} ms while somebody waits for a lock. Give it a pool that connects directly, or ignore this.`
    globalThis.process?.emitWarning?.(message, { type: 'AxiosRenewWarning', code: 'AXIOS_RENEW_POLLS' })
  }
}
