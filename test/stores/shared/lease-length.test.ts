import { fileStore } from 'axios-renew/file'
import { postgresStore } from 'axios-renew/postgres'
import { redisStore } from 'axios-renew/redis'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withLease } from '../../../src/stores/shared/lease.ts'

const DAY = 24 * 3600_000

describe.each([
  ['fileStore', (leaseMs: number) => fileStore('x.json', { leaseMs })],
  ['redisStore', (leaseMs: number) => redisStore(createClient(), { leaseMs })],
  ['postgresStore', (leaseMs: number) => postgresStore({ query: async () => ({ rows: [] }) }, { leaseMs })],
])('the leaseMs of %s', (name, open) => {
  test.each([0, 45, 99.9, Number.POSITIVE_INFINITY])('is not %s', (leaseMs) => {
    const message = `${name}: option 'leaseMs': expected milliseconds, at least 100 and finite, got ${leaseMs}`
    expect(() => open(leaseMs)).toThrow(new TypeError(message))
  })

  test.each([-1, Number.NaN])('is not %s', (leaseMs) => {
    expect(() => open(leaseMs)).toThrow(new TypeError(`${name}: option 'leaseMs': expected number, got ${leaseMs}`))
  })

  test.each([100, 90 * DAY])('may be %s', (leaseMs) => {
    expect(open(leaseMs)).toBeTypeOf('object')
  })
})

describe('a lease longer than timers can hold', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test.each([90 * DAY, Number.POSITIVE_INFINITY])('(%s ms) is renewed now and then, not without a pause', async (waitMs) => {
    let renewals = 0
    const asked: number[] = []
    const keeper = {
      async take(_account: string, _owner: string, leaseMs: number) {
        asked.push(leaseMs)
        return true
      },
      async renew() {
        renewals++
        return true
      },
      async release() {},
    }
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, 20 * DAY))
    const done = withLease(keeper, 'seller', work, { waitMs, signal: new AbortController().signal })
    await vi.advanceTimersByTimeAsync(20 * DAY)
    await done
    expect(asked).toEqual([2 ** 31 - 1])
    expect(renewals).toBe(2)
  })
})
