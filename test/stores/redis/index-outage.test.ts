import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { redisStore } from '../../../src/redis.ts'
import { keysOf } from '../../../src/stores/redis/keys.ts'
import { someRecord } from './support.ts'

const HOUR = 3600_000
const keys = keysOf('axios-renew')
const expiringAt = (expiresAt: number) => someRecord({ tokens: { accessToken: 'an access token', expiresAt } })

/** A cluster of which one node keeps the records, and another one, that may be away, the index. */
class SplitRedis {
  readonly status = 'ready'
  away: (() => Promise<never>) | undefined
  recordsAway = false
  attempts = 0
  /** What was asked to be named, and for when. */
  readonly named: string[] = []

  async call(command: string, [, , key, ...values]: string[]): Promise<unknown> {
    expect(command).toBe('evalsha')
    if (key !== keys.due) {
      if (this.recordsAway) throw new Error('The answer is lost')
      return 1
    }
    this.attempts++
    if (this.away) return this.away()
    this.named.push(values.join(' at '))
    return 1
  }

  duplicate(): unknown {
    return this
  }
}

const refused = () => Promise.reject(new Error('CLUSTERDOWN'))
const unanswered = () => new Promise<never>(() => {})

describe('an account that was written while the index was away', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A store whose scripts are known, before its index goes away. */
  async function scene(away: () => Promise<never>) {
    const redis = new SplitRedis()
    const store = redisStore(redis)
    await store.write('another', expiringAt(1), null)
    await vi.advanceTimersByTimeAsync(0)
    redis.named.length = 0
    redis.attempts = 0
    redis.away = away
    const write = async (expiresAt: number, expected: string | null = null) => {
      const written = store.write('seller', expiringAt(expiresAt), expected).catch(() => null)
      // The index is waited for, for a moment.
      await vi.advanceTimersByTimeAsync(1000)
      return written
    }
    return { redis, store, write }
  }

  test.each([
    ['refused', refused],
    ['did not answer', unanswered],
  ])('is named soon after it is back (it %s)', async (_, away) => {
    const { redis, write } = await scene(away)
    expect(await write(100)).toBeTruthy()
    await vi.advanceTimersByTimeAsync(10_000)
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(20_000)
    expect(redis.named).toEqual(['seller at 100'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is asked for ever more seldom, and every minute at least', async () => {
    const { redis, write } = await scene(refused)
    await write(100)
    await vi.advanceTimersByTimeAsync(HOUR)
    expect(redis.attempts).toBeGreaterThan(60)
    expect(redis.attempts).toBeLessThan(70)
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.named).toEqual(['seller at 100'])
  })

  test('is named for the newest time only', async () => {
    const { redis, write } = await scene(refused)
    await write(9000, await write(100))
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.named).toEqual(['seller at 9000'])
  })

  test('is not named any more once it has signed out', async () => {
    const { redis, store, write } = await scene(refused)
    const version = await write(100)
    await store.write('seller', someRecord({ tokens: null }), version)
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.named).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is named for the earlier time, when nobody knows whether the newer one was written', async () => {
    const { redis, write } = await scene(refused)
    const version = await write(100)
    redis.recordsAway = true
    await write(9000, version)
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.named).toEqual(['seller at 100'])
  })

  test('is named also if the answer to the write was lost', async () => {
    const { redis, write } = await scene(refused)
    redis.recordsAway = true
    expect(await write(100)).toBeNull()
    redis.away = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.named).toEqual(['seller at 100'])
  })
})
