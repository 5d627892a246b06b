import { type LockOptions, type SessionOptions, type SessionRecord, type StoredRecord, StoreError, type TokenStore } from 'axios-renew'
import { createFleet, type Fleet, firstPair } from './fleet.ts'

/** What a session asks of a store. */
export type Operation = 'read' | 'write' | 'lock' | 'unlock'

/** A store in memory in which a test can say what happens at every operation, and write as somebody else. */
class ScriptedStore implements TokenStore {
  row: StoredRecord | null = null
  /** All that was asked for, in order. */
  readonly asked: Operation[] = []
  /** Of every lock that was taken. */
  readonly leases: AbortController[] = []
  locked = false
  watchers: (() => void)[] = []
  /** Called before an operation happens; when it throws nothing happens. */
  before: (operation: Operation, record?: SessionRecord) => unknown = () => undefined
  /** Called when it has happened; when it throws the reply is lost. */
  after: (operation: Operation, record?: SessionRecord) => unknown = () => undefined
  #versions = 0
  #waiting: { go: () => void }[] = []
  /** For the waiting. */
  clock?: Fleet['clock']

  get record(): SessionRecord {
    if (!this.row) throw new Error('nothing is stored')
    return this.row.record
  }

  count(operation: Operation): number {
    return this.asked.filter((it) => it === operation).length
  }

  /** Somebody else writes. */
  put(changes: Partial<SessionRecord>): void {
    this.row = { record: { ...this.record, ...changes }, version: this.#nextVersion() }
    this.tell()
  }

  /** Somebody else takes the lock; returns what releases it. */
  take(): () => void {
    this.locked = true
    return () => this.#unlock()
  }

  tell(): void {
    for (const watcher of this.watchers) watcher()
  }

  read = (): Promise<StoredRecord | null> => this.#do('read', () => structuredClone(this.row))

  write = (_account: string, record: SessionRecord, expected: string | null): Promise<string | null> => {
    const copy = structuredClone(record)
    const swap = () => {
      if ((this.row?.version ?? null) !== expected) return null
      this.row = { record: copy, version: this.#nextVersion() }
      if (copy.refreshStartedAt === undefined) this.tell()
      return this.row.version
    }
    return this.#do('write', swap, copy)
  }

  lock: TokenStore['lock'] = async (_account, work, options) => {
    await this.#do('lock', () => undefined)
    if (this.locked) await this.#wait(options)
    this.locked = true
    const lease = new AbortController()
    this.leases.push(lease)
    try {
      return await work(lease)
    } finally {
      await this.#do('unlock', () => this.#unlock())
    }
  }

  watch? = (_account: string, callback: () => void): (() => void) => {
    this.watchers.push(callback)
    return () => {
      this.watchers = this.watchers.filter((other) => other !== callback)
    }
  }

  async #do<T>(operation: Operation, act: () => T, record?: SessionRecord): Promise<T> {
    this.asked.push(operation)
    await this.before(operation, record)
    const result = act()
    await this.after(operation, record)
    return result
  }

  #unlock(): void {
    this.locked = false
    this.#waiting.shift()?.go()
  }

  #wait({ waitMs, signal }: LockOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { go: () => settle(resolve) }
      const timer = this.clock?.setTimeout(() => settle(() => reject(new StoreError('ERR_LOCK_TIMEOUT', 'busy', undefined))), waitMs)
      const onAbort = () => settle(() => reject(signal.reason))
      const settle = (how: () => void) => {
        this.clock?.clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        how()
      }
      this.#waiting.push(waiter)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
    })
  }

  #nextVersion(): string {
    return `v${++this.#versions}`
  }
}

/** A token of this sign-in that is due for its refresh, in so many processes. */
export async function prepare(count = 1, options: Partial<SessionOptions> = {}) {
  const store = new ScriptedStore()
  const fleet = createFleet(store)
  store.clock = fleet.clock
  const sessions = Array.from({ length: count }, () => fleet.start(options))
  await sessions[0]?.signIn(firstPair(fleet))
  for (const session of sessions) await session.getTokens()
  await fleet.clock.advance(3600_000)
  store.asked.splice(0)
  const [session = fleet.start(options), other = session] = sessions
  return { store, fleet, server: fleet.server, clock: fleet.clock, session, other }
}
