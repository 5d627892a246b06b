import type { LeaseKeeper } from '../shared/lease.ts'
import { Sightings, type VisibleLease } from '../shared/lease-sightings.ts'
import type { Database } from './database.ts'
import { Holders } from './lease-holders.ts'
import type { News } from './news.ts'

/** Who has the lock of an account. */
interface Lease extends VisibleLease {
  /** Whether Web Locks tell when its owner is gone. */
  seen: boolean
}

/**
 * Leases in IndexedDB. The row alone decides who has the lock: a tab that is stopped while it has it loses it in
 * time, which a Web Lock would not. Web Locks only tell, and at once, that a holder is gone for good.
 */
export class Leases implements LeaseKeeper {
  readonly #database: Database
  readonly #news: News
  readonly #holders: Holders
  readonly #sightings = new Sightings()
  /** For whose end this page waits, by account. */
  readonly #awaited = new Map<string, { owner: string; end: AbortController }>()

  constructor(database: Database, name: string, news: News) {
    this.#database = database
    this.#news = news
    this.#holders = new Holders(name)
  }

  async take(account: string, owner: string, leaseMs: number): Promise<boolean> {
    await this.#holders.enter(owner)
    let other = await this.#claim(account, owner, leaseMs)
    if (other?.seen && (await this.#holders.isGone(other.owner))) other = await this.#claim(account, owner, leaseMs, other.owner)
    if (!other) return true
    this.#holders.leave(owner)
    if (other.seen) this.#await(account, other.owner)
    return false
  }

  renew(account: string, owner: string, leaseMs: number): Promise<boolean> {
    return this.#change(account, (lease) => {
      const mine = lease?.owner === owner
      return { row: mine ? this.#lease(owner, leaseMs) : undefined, result: mine }
    })
  }

  async release(account: string, owner: string): Promise<void> {
    try {
      await this.#change(account, (lease) => ({ row: lease?.owner === owner ? null : undefined, result: undefined }))
    } finally {
      this.#holders.leave(owner)
      this.#news.freed(account)
    }
  }

  onFree(account: string, callback: () => void): () => void {
    const stop = this.#news.onFree(account, callback)
    return () => {
      stop()
      if (this.#news.isAwaited(account)) return
      this.#awaited.get(account)?.end.abort()
      this.#awaited.delete(account)
    }
  }

  /** Takes the lease if it is free, or that of somebody who is gone; gives the lease that is in the way. */
  #claim(account: string, owner: string, leaseMs: number, gone?: string): Promise<Lease | undefined> {
    return this.#change(account, (lease) => {
      const isFree = !lease || lease.owner === owner || lease.owner === gone || this.#hasLapsed(account, lease)
      if (!isFree) return { result: lease }
      this.#sightings.forget(account)
      return { row: this.#lease(owner, leaseMs), result: undefined }
    })
  }

  /** Whether its holder was silent for too long. */
  #hasLapsed(account: string, lease: Lease): boolean {
    const isStale = this.#sightings.isStale(account, lease)
    const age = Date.now() - lease.since
    return (age >= lease.leaseMs || age < 0) && isStale
  }

  #lease(owner: string, leaseMs: number): Lease {
    return { owner, leaseMs, since: Date.now(), seen: this.#holders.areSeen }
  }

  /** A lease that a crash of the whole browser forgets is of nobody: it need not wait for the disk. */
  #change<T>(account: string, decide: (lease: Lease | undefined) => { row?: Lease | null; result: T }): Promise<T> {
    return this.#database.change('leases', account, 'relaxed', (row) => decide(row as Lease | undefined))
  }

  #await(account: string, owner: string): void {
    const awaited = this.#awaited.get(account)
    if (awaited?.owner === owner || !this.#news.isAwaited(account)) return
    awaited?.end.abort()
    const end = new AbortController()
    this.#awaited.set(account, { owner, end })
    this.#holders.whenGone(owner, end.signal, () => this.#news.ring(account))
  }
}
