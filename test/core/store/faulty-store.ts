import { type Clock, type Lease, type LockOptions, type SessionRecord, type StoredRecord, StoreError, type TokenStore } from 'axios-renew'
import type { Fate, Host, Pool } from './pool.ts'

/** Who holds the lock. */
interface Holder {
  readonly by: Host
  readonly controller: AbortController
  /** Nobody renews it any more; since when (ms since the epoch). */
  silentSince?: number
  /** Its process does not know that it holds it, and will not renew it when it goes on either. */
  unknown?: boolean
}

/** Told of what really happens in the store. */
export interface Witness {
  wrote(by: Host, before: StoredRecord | null, after: StoredRecord): void
  /** The lock of this process is no longer its own. */
  leaseLost(by: Host): void
  storeLost(row: StoredRecord | null): void
}

/** How long a holder may be silent, in ms. */
export const LEASE_MS = 25_000

const refused = () => new Error('connection refused')

/**
 * A database that several processes share. Whatever they ask of it is a step that happens when a schedule says so,
 * or fails, or happens without anybody hearing of it.
 */
export class FaultyStore {
  row: StoredRecord | null = null
  /** No write works. */
  isReadOnly = false
  #holder?: Holder
  #versions = 0
  readonly #history: (StoredRecord | null)[] = []
  readonly #watchers = new Set<{ by: Host; callback: () => void }>()
  readonly #pool: Pool
  readonly #clock: Clock
  readonly #witness: Witness

  constructor(pool: Pool, clock: Clock, witness: Witness) {
    this.#pool = pool
    this.#clock = clock
    this.#witness = witness
  }

  /** What one process sees of it. */
  viewOf(by: Host, clock: Clock, watchable: boolean): TokenStore {
    return {
      read: () => this.#ask(by, 'read', () => structuredClone(this.row)),
      write: (_account, record, expected) => {
        const copy = structuredClone(record)
        return this.#ask(by, 'write', () => this.#swap(by, copy, expected), true)
      },
      lock: (_account, work, options) => this.#lock(by, clock, work, options),
      ...(watchable && { watch: (_account, callback) => this.#watch(by, callback) }),
    }
  }

  holds(by: Host): boolean {
    return this.#holder?.by === by && !this.#holder.controller.signal.aborted
  }

  /** The holder cannot renew its lease, and knows. */
  loseLease(): void {
    this.#holder?.controller.abort()
    this.#expire()
  }

  /** This process says nothing any more. */
  fallSilent(by: Host): void {
    if (this.#holder?.by === by) this.#holder.silentSince ??= this.#clock.now()
  }

  /** It goes on, and learns whether its lease has expired meanwhile. */
  goOn(by: Host): void {
    if (this.#holder?.by !== by) return
    if (this.#isExpired) this.loseLease()
    else if (!this.#holder.unknown) this.#holder.silentSince = undefined
  }

  /** What was stored some writes ago; before all others, nothing was. */
  before(writes: number): StoredRecord | null {
    return this.#history[this.#history.length - writes] ?? null
  }

  /** The store is what it was some writes ago. */
  rollBack(writes: number): void {
    this.row = this.before(writes)
    this.#history.splice(-writes)
    this.#witness.storeLost(this.row)
  }

  /** Two steps: it happens there, and the reply comes here. */
  #ask<T>(by: Host, what: string, act: () => T, changes = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const happen = (fate: Fate) => {
        if (fate === 'fails' || (changes && this.isReadOnly)) return reject(refused())
        const result = act()
        if (fate === 'reply lost') return reject(new Error('connection reset'))
        const deliver = (late: Fate) => (late === 'works' ? resolve(result) : reject(new Error('connection reset')))
        this.#pool.add({ by, what: `${what} replied`, happen: deliver })
      }
      this.#pool.add({ by, what, happen, abandon: (arrives) => void (arrives && changes && act()) })
    })
  }

  #swap(by: Host, record: SessionRecord, expected: string | null): string | null {
    const before = this.row
    if ((before?.version ?? null) !== expected) return null
    const after = { record, version: `v${++this.#versions}` }
    this.#history.push(before)
    this.row = after
    this.#witness.wrote(by, before, structuredClone(after))
    if (record.refreshStartedAt === undefined) this.#tell()
    return after.version
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      const { by, callback } = watcher
      const happen = (fate: Fate) => void (fate === 'works' && this.#watchers.has(watcher) && callback())
      this.#pool.add({ by, what: 'notification', happen })
    }
  }

  #watch(by: Host, callback: () => void): () => void {
    const watcher = { by, callback }
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  get #isExpired(): boolean {
    const { silentSince } = this.#holder ?? {}
    return silentSince !== undefined && this.#clock.now() - silentSince >= LEASE_MS
  }

  #expire(): void {
    const by = this.#holder?.by
    this.#holder = undefined
    if (by) this.#witness.leaseLost(by)
  }

  #lock<T>(by: Host, clock: Clock, work: (lease: Lease) => Promise<T>, { waitMs, signal }: LockOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (error: unknown) => {
        this.#pool.remove(step)
        stopWaiting()
        reject(error)
      }
      const onAbort = () => leave(signal.reason)
      const timer = clock.setTimeout(() => leave(new StoreError('ERR_LOCK_TIMEOUT', 'busy', undefined)), waitMs)
      const stopWaiting = () => {
        clock.clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      const happen = (fate: Fate) => {
        if (fate === 'fails') return leave(refused())
        if (this.#holder) this.#loseToAnother()
        const holder: Holder = { by, controller: new AbortController() }
        this.#holder = holder
        stopWaiting()
        if (fate === 'works') return resolve(this.#underLock(holder, work))
        this.#forget(holder)
        reject(new Error('connection reset'))
      }
      const step = { by, what: 'lock', blocked: () => this.#holder !== undefined && !this.#isExpired, happen }
      if (signal.aborted) return leave(signal.reason)
      signal.addEventListener('abort', onAbort)
      this.#pool.add(step)
    })
  }

  /** Nobody knows that it is held. */
  #forget(holder: Holder): void {
    holder.unknown = true
    holder.silentSince = this.#clock.now()
  }

  #loseToAnother(): void {
    const holder = this.#holder
    this.#expire()
    // One that is silent looks when it goes on.
    holder?.controller.abort()
  }

  async #underLock<T>(holder: Holder, work: (lease: Lease) => Promise<T>): Promise<T> {
    const result = await work({ signal: holder.controller.signal })
    await new Promise<void>((resolve, reject) => {
      const happen = (fate: Fate) => {
        if (fate === 'fails') this.#forget(holder)
        else if (this.#holder === holder) this.#holder = undefined
        if (fate === 'works') resolve()
        else reject(new Error('connection reset'))
      }
      this.#pool.add({ by: holder.by, what: 'unlock', happen })
    })
    return result
  }
}
