import { type Lease, memoryStore, type SessionRecord, type TokenStore } from 'axios-renew'

/** A store that is wrong in one point, and the test that must find it. */
export interface BrokenStore {
  breaks: (store: TokenStore) => TokenStore | (() => TokenStore)
  /** The name of the test, without its group. */
  found: string
}

const never = { signal: new AbortController().signal }
const busy = (error: unknown) => Object(error).code === 'ERR_LOCK_TIMEOUT'
const versionOf = async (store: TokenStore, account: string) => (await store.read(account))?.version ?? null

/** Gives both handles the same fault. */
const both = (fault: (store: TokenStore) => Partial<TokenStore>) => (store: TokenStore) => ({ ...store, ...fault(store) })
/** Gives each handle one of its own. */
const each = (fault: (store: TokenStore) => Partial<TokenStore>) => (store: TokenStore) => () => ({ ...store, ...fault(store) })

const faults: Record<string, BrokenStore> = {
  'ignores the expected version': {
    breaks: both((store) => ({ write: async (account, record) => store.write(account, record, await versionOf(store, account)) })),
    found: 'writes nothing with a version that is not stored',
  },
  'looks and writes in two steps': {
    breaks: both((store) => ({
      async write(account, record, expected) {
        if ((await versionOf(store, account)) !== expected) return null
        await new Promise((resolve) => setTimeout(resolve, 1))
        return store.write(account, record, await versionOf(store, account))
      },
    })),
    found: 'lets exactly one of 50 win, for each version',
  },
  'takes a tombstone for nothing': {
    breaks: both((store) => ({
      async write(account, record, expected) {
        const stored = await store.read(account)
        return store.write(account, record, expected === null && stored?.record.tokens === null ? stored.version : expected)
      },
    })),
    found: 'keeps a tombstone, which is not an account that was never written',
  },
  'names versions after what is written': {
    breaks: each((store) => ({
      async read(account) {
        const stored = await store.read(account)
        return stored && { ...stored, version: JSON.stringify(stored.record) }
      },
      async write(account, record, expected) {
        const stored = await store.read(account)
        if ((stored ? JSON.stringify(stored.record) : null) !== expected) return null
        return (await store.write(account, record, stored?.version ?? null)) && JSON.stringify(record)
      },
    })),
    found: 'never takes an old version, though the same record stands there again',
  },
  'keeps the very object it is given': {
    breaks: (store) => {
      const kept = new Map<string, SessionRecord>()
      return {
        ...store,
        async read(account) {
          const stored = await store.read(account)
          return stored && { ...stored, record: kept.get(account) ?? stored.record }
        },
        async write(account, record, expected) {
          const version = await store.write(account, record, expected)
          if (version) kept.set(account, record)
          return version
        },
      }
    },
    found: 'is not changed by what a caller does to a record after writing it',
  },
  'forgets fields it does not know': {
    breaks: both((store) => ({
      write: (account, { tokens, generation, lineage, refreshStartedAt, endedAt }, expected) =>
        store.write(account, { tokens, generation, lineage, refreshStartedAt, endedAt }, expected),
    })),
    found: 'gives every field back, to every handle',
  },
  'keeps marks that were taken off': {
    breaks: both((store) => ({
      async write(account, record, expected) {
        const stored = await store.read(account)
        return store.write(account, { ...stored?.record, ...record }, expected)
      },
    })),
    found: 'keeps the marks of a begun and of a refused refresh, and takes them off',
  },
  'folds case': {
    breaks: both((store) => ({
      read: (account) => store.read(account.toLowerCase()),
      write: (account, record, expected) => store.write(account.toLowerCase(), record, expected),
    })),
    found: 'takes an account of any name for itself',
  },
  'has one lock for all': {
    breaks: both((store) => ({ lock: (_, work, options) => store.lock('all', work, options) })),
    found: 'lets the work of different accounts go on at the same time',
  },
  'does not lock': {
    breaks: both(() => ({ lock: async (_, work) => work(never) })),
    found: 'lets nobody else in, through another handle or the same',
  },
  'locks each handle for itself': {
    breaks: each(() => ({ lock: memoryStore().lock })),
    found: 'lets nobody else in, through another handle or the same',
  },
  'lets its holder in again': {
    breaks: (store) => {
      let holder: string | undefined
      return {
        ...store,
        lock: (account, work, options) =>
          holder === account
            ? work(never)
            : store.lock(
                account,
                async (lease) => {
                  holder = account
                  return work(lease).finally(() => {
                    holder = undefined
                  })
                },
                options,
              ),
      }
    },
    found: 'does not let its holder in a second time',
  },
  'stays locked when the work fails': {
    breaks: both((store) => ({
      lock: (account, work, options) =>
        new Promise((resolve, reject) => {
          const forever = (error: unknown) => {
            reject(error)
            return new Promise<never>(() => {})
          }
          store.lock(account, (lease) => work(lease).catch(forever), options).then(resolve, reject)
        }),
    })),
    found: 'rejects with what the work rejects with, and is free again',
  },
  'locks reading and writing, too': {
    breaks: both((store) => ({ read: (account) => store.lock(`${account}`, () => store.read(account), { waitMs: 200, ...never }) })),
    found: 'does not keep anybody from reading and writing',
  },
  'rejects with an error of its own when busy': {
    breaks: both((store) => ({
      lock: (account, work, options) =>
        store.lock(account, work, options).catch((error) => Promise.reject(busy(error) ? new Error('busy') : error)),
    })),
    found: 'lets nobody else in, through another handle or the same',
  },
  'does not wait': {
    breaks: both((store) => ({ lock: (account, work, options) => store.lock(account, work, { ...options, waitMs: 0 }) })),
    found: 'waits for a busy lock, and gets it when it is free',
  },
  'waits for as long as it takes': {
    breaks: both((store) => ({
      lock: (account, work, options) => store.lock(account, work, { ...options, waitMs: options.waitMs && 4_500 }),
    })),
    found: 'gives up after waitMs, and not before',
  },
  'does not hear the signal': {
    breaks: both((store) => ({ lock: (account, work, options) => store.lock(account, work, { ...options, ...never }) })),
    found: 'does not begin with a signal that has aborted',
  },
  'lets go when the signal aborts': {
    breaks: both((store) => ({
      lock: (account, work, options) => {
        const aborted = new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()))
        return lockUntil(store, account, work, options, aborted)
      },
    })),
    found: 'lets the work go on when the signal aborts',
  },
  'never calls those who watch': {
    breaks: both(() => ({ watch: () => () => {} })),
    found: 'tells those who watch of a write through another handle',
  },
  'tells only of its own writes': {
    breaks: (store) => () => {
      const own = memoryStore()
      const write: TokenStore['write'] = async (account, record, expected) => {
        const version = await store.write(account, record, expected)
        if (version) await own.write(account, record, await versionOf(own, account))
        return version
      }
      return { ...store, write, watch: own.watch }
    },
    found: 'tells those who watch of a write through another handle',
  },
  'tells those who stopped': {
    breaks: both((store) => ({
      watch(account, onChange) {
        store.watch?.(account, onChange)
        return () => {}
      },
    })),
    found: 'tells those who stopped no more, and the others still',
  },
  'tells everybody of every write': {
    breaks: (store) => {
      const callbacks = new Set<() => void>()
      return {
        ...store,
        async write(account, record, expected) {
          const version = await store.write(account, record, expected)
          if (version) for (const callback of callbacks) queueMicrotask(() => new Promise(() => callback()).catch(() => {}))
          return version
        },
        watch(_, onChange) {
          callbacks.add(onChange)
          return () => callbacks.delete(onChange)
        },
      }
    },
    found: 'tells nobody of the writes of other accounts',
  },
  'lets one watcher take the place of another': {
    breaks: (store) => {
      const stops = new Map<string, () => void>()
      return {
        ...store,
        watch(account, onChange) {
          stops.get(account)?.()
          const stop = store.watch?.(account, onChange) ?? (() => {})
          stops.set(account, stop)
          return stop
        },
      }
    },
    found: 'tells all who watch',
  },
  'finds ended accounts due': {
    breaks: dueIf(({ tokens }, beforeMs) => (tokens?.expiresAt ?? beforeMs) < beforeMs),
    found: 'leaves out those that are signed out, ended, or whose expiry is unknown',
  },
  'finds those due that never expire': {
    breaks: dueIf(({ tokens, endedAt }, beforeMs) => tokens !== null && !endedAt && (tokens.expiresAt ?? 0) < beforeMs),
    found: 'leaves out those that are signed out, ended, or whose expiry is unknown',
  },
  'finds accounts due that expire at the moment': {
    breaks: both((store) => ({ due: (beforeMs, cursor) => store.due?.(beforeMs + 1, cursor) ?? nothing() })),
    found: 'finds the accounts whose access token expires before a moment, each once',
  },
  'begins anew at each page': {
    breaks: both((store) => ({ due: (beforeMs) => store.due?.(beforeMs) ?? nothing() })),
    found: 'goes on behind the cursor, through 300 accounts',
  },
  'gives only the first page': {
    breaks: both((store) => ({
      async *due(beforeMs, cursor) {
        if (cursor === undefined) yield* store.due?.(beforeMs) ?? []
      },
    })),
    found: 'goes on behind the cursor, through 300 accounts',
  },
}

/** A lock that is released when the work is done, or earlier. */
export async function lockUntil<T>(
  store: TokenStore,
  ...[account, work, options, earlier]: [...Parameters<typeof store.lock<T>>, earlier: Promise<unknown>]
): Promise<T> {
  const { done } = await new Promise<{ done: Promise<T> }>((resolve, reject) => {
    const begin = (lease: Lease) => {
      const done = work(lease)
      resolve({ done })
      return Promise.race([done, earlier])
    }
    store.lock(account, begin, options).catch(reject)
  })
  return done
}

/** Stores that are wrong in one point each. */
export const brokenStores = Object.entries(faults)

/** `due` by another rule. */
function dueIf(isDue: (record: SessionRecord, beforeMs: number) => boolean): BrokenStore['breaks'] {
  return (store) => {
    const accounts = new Set<string>()
    return {
      ...store,
      write(account, record, expected) {
        accounts.add(account)
        return store.write(account, record, expected)
      },
      async *due(beforeMs) {
        for (const account of [...accounts].sort()) {
          const stored = await store.read(account)
          if (stored && isDue(stored.record, beforeMs)) yield account
        }
      },
    }
  }
}

async function* nothing(): AsyncIterable<string> {}
