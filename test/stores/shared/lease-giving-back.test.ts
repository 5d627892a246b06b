import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type LeaseKeeper, withLease } from '../../../src/stores/shared/lease.ts'

const LEASE_MS = 45_000
const signal = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A store that is away at first, though not for the taking; `away` is what becomes of a giving back meanwhile. */
function scene(awayMs: number, away: () => Promise<void>) {
  const started = Date.now()
  const attempts: number[] = []
  let owner: string | undefined
  let takenAt = 0
  const keeper: LeaseKeeper = {
    async take(_, asking) {
      if (owner && Date.now() - takenAt < LEASE_MS) return false
      owner = asking
      takenAt = Date.now()
      return true
    },
    renew: async () => true,
    async release(_, asking) {
      const at = Date.now() - started
      attempts.push(at)
      if (at < awayMs) return away()
      if (owner === asking) owner = undefined
    },
  }
  const lock = (waitMs = 0) => withLease(keeper, 'seller', async () => 'in', { waitMs, signal }, LEASE_MS)
  return { lock, attempts }
}

const refused = () => Promise.reject(new Error('the store is away'))
const unanswered = () => new Promise<never>(() => {})

test('a lease whose giving back failed is given back when the store is there again, not when it is over', async () => {
  const { lock, attempts } = scene(500, refused)
  expect(await lock()).toBe('in')
  await vi.advanceTimersByTimeAsync(1000)
  expect(attempts).toEqual([0, 250, 750])
  expect(await lock()).toBe('in')
})

test('a giving back that is never answered ends, and is tried again', async () => {
  const { lock } = scene(500, unanswered)
  const first = lock()
  await vi.advanceTimersByTimeAsync(6000)
  expect(await first).toBe('in')
  expect(await lock()).toBe('in')
})

test('a lease that is over by itself is given back no more', async () => {
  const { lock, attempts } = scene(Number.POSITIVE_INFINITY, refused)
  expect(await lock()).toBe('in')
  await vi.advanceTimersByTimeAsync(10 * LEASE_MS)
  expect(attempts.length).toBeLessThanOrEqual(9)
  expect(attempts.at(-1)).toBeLessThan(LEASE_MS)
  expect(vi.getTimerCount()).toBe(0)
})

test('also a lease is given back again and again that was taken without an answer', async () => {
  let refusals = 2
  const release = vi.fn(async () => {
    if (refusals-- > 0) throw new Error('the store is away')
  })
  const take = () => Promise.reject(new Error('the answer is lost'))
  const locked = withLease({ take, renew: async () => true, release }, 'seller', async () => 'in', { waitMs: 0, signal })
  await expect(locked).rejects.toThrow('the answer is lost')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(release).toHaveBeenCalledTimes(3)
})
