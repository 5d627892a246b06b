import type { TokenStore } from '../../core/store/token-store.ts'
import { memoryStore } from '../memory/memory-store.ts'
import { Database } from './database.ts'
import { indexedStore, type WebStoreTimes } from './indexed-store.ts'

/** `webStore`, with times that tests may shorten. */
export function createWebStore(name: string, times: WebStoreTimes = {}): TokenStore {
  const database = new Database(name)
  const indexed = indexedStore(name, database, times)
  const memory = memoryStore()
  const listeners = new Set<(error: unknown) => void>()
  let wasOpen = false
  let blocked: { error: unknown } | undefined

  /** Where this page keeps its pairs: once it has begun with one of the two, it stays there. */
  async function choose(): Promise<TokenStore> {
    if (blocked) return memory
    try {
      if (!isInBrowser()) throw new Error('There is no IndexedDB here: webStore is for browsers. Give a server another store')
      await openTwice(database)
      wasOpen = true
      return indexed
    } catch (error) {
      // What is stored may be somebody's newest pair, which memory would hide.
      if (wasOpen || !isInBrowser() || !isBlocked(error)) throw error
      if (!blocked) {
        blocked = { error }
        for (const listener of listeners) listener(error)
      }
      return memory
    }
  }

  return {
    read: async (account) => (await choose()).read(account),
    write: async (account, record, expected) => (await choose()).write(account, record, expected),
    lock: async (account, work, options) => (await choose()).lock(account, work, options),
    async *due(beforeMs, cursor) {
      yield* (await choose()).due?.(beforeMs, cursor) ?? []
    },
    watch(account, onChange) {
      if (!isInBrowser()) return () => {}
      const stops = [indexed.watch(account, onChange), memory.watch?.(account, onChange)]
      return () => {
        for (const stop of stops) stop?.()
      }
    },
    onDegraded(listener) {
      if (blocked) listener(blocked.error)
      else listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** A page without storage has a document; a worker has storage; servers have neither, and many users. */
function isInBrowser(): boolean {
  return typeof document !== 'undefined' || 'indexedDB' in globalThis
}

/** Disks have their moments. What fails for good fails again, and alike. */
async function openTwice(database: Database): Promise<void> {
  await database.open().catch(() => database.open())
}

/**
 * How browsers say that a page may keep nothing. `SecurityError`: blocked cookies in Firefox and Safari, frames without
 * an origin. `InvalidStateError`: private windows of Firefox before 115, and of what is built on it.
 */
const BLOCKED = ['SecurityError', 'InvalidStateError']

/** Whether nothing can ever be stored here. A full disk, or a database of newer code or of another program, is something else. */
function isBlocked(error: unknown): boolean {
  if (!hasIndexedDB()) return true
  const { name, message } = Object(Object(error).cause) as Partial<Error>
  // Chromium gives blocked cookies the name of any trouble with the disk.
  return BLOCKED.includes(String(name)) || (name === 'UnknownError' && /denied permission/.test(String(message)))
}

/** Old private windows of Safari and Firefox have none, or `null`; where cookies are blocked it may throw. */
function hasIndexedDB(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return false
  }
}
