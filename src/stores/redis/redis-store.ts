import { checkOptions } from '../../core/check-options.ts'
import { systemClock } from '../../core/clock.ts'
import { dueAt, isNews, unreadable } from '../../core/store/record.ts'
import type { SessionRecord, StoredRecord, TokenStore } from '../../core/store/token-store.ts'
import { ignore, within } from '../../core/wait.ts'
import { checkLease } from '../shared/check-lease.ts'
import { type LeaseKeeper, withLease } from '../shared/lease.ts'
import { connectionOf, type RedisStoreClient } from './client.ts'
import { DueIndex } from './due-index.ts'
import { keysOf } from './keys.ts'
import { freeMessage, News, writtenMessage } from './news.ts'
import { isReply } from './redis-error.ts'
import { scriptsOf } from './scripts.ts'
import { newVersion, parseStored } from './version.ts'

/** What `redisStore` may be told. */
export interface RedisStoreOptions {
  /** What all keys, and the channel, begin with. Default: `'axios-renew'`. */
  prefix?: string
  /**
   * How long the holder of a lock may be silent before it passes to the next, in ms (100 or more); it is renewed at a third of that.
   * Default: the time that a refresh may take, and 15 s.
   */
  leaseMs?: number
}

/** A store that tells of writes, and of accounts that are due. */
export type RedisStore = TokenStore & Required<Pick<TokenStore, 'due' | 'watch'>>

/** How long a write waits for the index, in ms: what must be written is the pair. */
const INDEX_PATIENCE_MS = 1000

/**
 * Keeps pairs in Redis 6 or newer, for processes on several machines.
 *
 * The client is one of node-redis (4 or newer: `createClient`, `createCluster`) or ioredis (5 or newer: `Redis`, also by
 * Sentinel, `Cluster`). Connecting it, listening to its errors and closing it remain yours. For watching, the store opens
 * one more connection with the same options, closes it when nobody has watched for 10 s, and lets the process end
 * regardless of it.
 *
 * Give the client bounds, or commands wait in it while Redis is away: `createClient({ disableOfflineQueue: true })`, or
 * `new Redis({ maxRetriesPerRequest: 1, commandTimeout: 2000 })`. A session bounds its own waits anyway, and a write that
 * is sent late changes nothing that was written meanwhile.
 *
 * Redis keeps as much as it is told to: `appendonly yes`, and `maxmemory-policy noeviction`. Any other policy may throw
 * away the lease of a refresh under way (`volatile-*`: leases are what expires), so that a second one sends the same
 * refresh token, or the record itself (`allkeys-*`). What a failover forgets is written again by the sessions that hold
 * it; one that forgets a lease and an intent lets two refresh at once. Let no replica answer reads (`scaleReads: 'master'`,
 * the default).
 * Its user needs the commands GET, GETRANGE, SET, DEL, PEXPIRE, ZADD, ZREM, ZSCORE, ZRANGEBYSCORE, EVAL, EVALSHA,
 * PING, PUBLISH and SUBSCRIBE; without the last two the store looks for news every 5 s.
 *
 * @throws TypeError for an option that cannot be meant, or a client of another kind (a pool, a sentinel of node-redis).
 * Its methods reject with `StoreError`: `ERR_STORE_UNAVAILABLE`, or `ERR_LOCK_TIMEOUT`. No error carries a token.
 *
 * @example
 * const client = createClient({ url: 'redis://127.0.0.1:6379', disableOfflineQueue: true })
 * client.on('error', report)
 * await client.connect()
 * const session = createSession({ refresh, store: redisStore(client) })
 */
export function redisStore(client: RedisStoreClient, options: RedisStoreOptions = {}): RedisStore {
  const { prefix = 'axios-renew', leaseMs } = checkOptions('redisStore', options, { prefix: 'string', leaseMs: 'number' })
  checkLease('redisStore', leaseMs)
  const connection = connectionOf(client)
  const keys = keysOf(prefix)
  const scripts = scriptsOf(connection.send)
  const news = new News(connection, keys)
  const index = new DueIndex(keys.due, connection.send, scripts, read)

  const leases: LeaseKeeper = {
    take: (account, owner, ms) => scripts.take(keys.lease(account), owner, wholeMs(ms)),
    renew: (account, owner, ms) => scripts.renew(keys.lease(account), owner, wholeMs(ms)),
    release: async (account, owner) => {
      await scripts.release(keys.lease(account), owner, keys.channel, freeMessage(account))
    },
    onFree: (account, callback) => news.onFree(account, callback),
  }

  async function read(account: string): Promise<StoredRecord | null> {
    const key = keys.record(account)
    const text = await connection.send(['get', key], key).catch((error) => notOurs(error, account))
    return text === null || text === undefined ? null : parseStored(String(text), account)
  }

  async function write(account: string, record: SessionRecord, expected: string | null): Promise<string | null> {
    const at = dueAt(record)
    // Before: once it is written, this process may be gone. Should it fail, an index is no reason to lose a pair.
    if (at !== undefined) await within(index.expect(account, at), INDEX_PATIENCE_MS, systemClock, () => undefined).catch(ignore)
    const version = newVersion()
    const message = isNews(record) ? writtenMessage(account, version) : ''
    const text = JSON.stringify(record)
    const won = await scripts.write(keys.record(account), expected ?? '', version, text, keys.channel, message).catch((error) => {
      index.insistInDoubt(account, at)
      return notOurs(error, account)
    })
    if (!won) return null
    // After: somebody who had read what was there before may have put it off.
    index.insist(account, at)
    return version
  }

  return {
    read,
    write,
    lock: (account, work, lockOptions) => withLease(leases, account, work, lockOptions, leaseMs),
    due: (beforeMs, cursor) => index.due(beforeMs, cursor),
    watch: (account, onChange) => news.onWritten(account, onChange),
  }
}

/** What stands at the key of a record and is of another type is never written over. */
function notOurs(error: unknown, account: string): never {
  if (isReply(error, 'WRONGTYPE')) throw unreadable(account, 'another type of value stands at its key', error)
  throw error
}

/** Redis takes whole milliseconds, and at least one. */
function wholeMs(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)))
}
