import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lease } from '../../../src/core/store/token-store.ts'
import { type LeaseKeeper, withLease } from '../../../src/stores/shared/lease.ts'

const LEASE_MS = 1200
const never = () => new Promise<never>(() => {})
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value))

/** What becomes of one renewal; `reach` is the store prolonging the lease. */
type Fate = (reach: () => boolean) => Promise<boolean>

const lost: Fate = never
const refused: Fate = () => Promise.reject(new Error('the store is away'))
const unanswered: Fate = (reach) => {
  reach()
  return never()
}
const late =
  (ms: number): Fate =>
  (reach) =>
    after(ms, reach())

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A store whose lease ends `LEASE_MS` after it was last prolonged, and the work of three leases under it. */
function scene(...fates: Fate[]) {
  const started = Date.now()
  const asked: number[] = []
  let freeAt = 0
  let gap = false
  let lostAt = 0
  const prolong = () => {
    if (Date.now() >= freeAt) return false
    freeAt = Date.now() + LEASE_MS
    return true
  }
  const keeper: LeaseKeeper = {
    async take() {
      freeAt = Date.now() + LEASE_MS
      return true
    },
    renew() {
      asked.push(Date.now() - started)
      const fate = fates.shift()
      return fate ? fate(prolong) : Promise.resolve(prolong())
    },
    async release() {},
  }
  const work = async (lease: Lease) => {
    for (let ms = 0; ms < 3 * LEASE_MS; ms += 10) {
      await after(10, undefined)
      gap ||= Date.now() >= freeAt
      if (lease.signal.aborted) lostAt ||= Date.now() - started
    }
    return lease.signal.aborted
  }
  const aborted = withLease(keeper, 'seller', work, { waitMs: 0, signal: new AbortController().signal }, LEASE_MS)
  return { aborted, asked, hadGap: () => gap, lostAt: () => lostAt }
}

test('a lease is renewed at each third of it, and not more often', async () => {
  const { aborted, asked } = scene()
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(await aborted).toBe(false)
  expect(asked.slice(0, 4)).toEqual([400, 800, 1200, 1600])
})

test.each<[string, Fate[]]>([
  ['one answer never comes', [lost]],
  ['one answer never comes, though the store did as it was asked', [unanswered]],
  ['two answers never come', [lost, lost]],
  ['the store is away for two questions', [refused, refused]],
  ['every answer takes half a lease', Array.from({ length: 40 }, () => late(LEASE_MS / 2))],
  ['every answer takes most of a lease', Array.from({ length: 40 }, () => late(LEASE_MS * 0.6))],
  ['now an answer is late, now none comes', [late(LEASE_MS / 2), lost, refused, late(LEASE_MS / 2), lost, lost]],
])('a lease is kept without a gap though %s', async (_, fates) => {
  const { aborted, hadGap } = scene(...fates)
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(await aborted).toBe(false)
  expect(hadGap()).toBe(false)
})

test('a store that stays silent is asked until the lease is over, and then no more', async () => {
  const { aborted, asked } = scene(...Array.from({ length: 40 }, () => lost))
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(await aborted).toBe(true)
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.length).toBeLessThan(8)
  expect(asked.at(-1)).toBeLessThan(LEASE_MS)
})

test('an answer that comes late counts from when it was asked for', async () => {
  const { lostAt } = scene(late(LEASE_MS / 2), ...Array.from({ length: 40 }, () => lost))
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(lostAt()).toBe(LEASE_MS / 3 + LEASE_MS)
})

test('a lease that somebody else has is given up at once', async () => {
  const { aborted, asked } = scene(async () => false)
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
  expect(await aborted).toBe(true)
  expect(asked).toEqual([400])
})
