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
      await database.open()
      wasOpen = true
      return indexed
    } catch (error) {
      // What is stored may be somebody's newest pair, which memory would hide.
      if (wasOpen || !isInBrowser() || isSomebodyElses(error)) throw error
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

/** A database of newer code, or of another program, is not blocked. */
function isSomebodyElses(error: unknown): boolean {
  return (Object(error).cause as Error | undefined)?.name === 'VersionError'
}
