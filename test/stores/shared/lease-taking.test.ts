import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type LeaseKeeper, withLease } from '../../../src/stores/shared/lease.ts'

const LEAVING = new Error('the caller leaves')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A store that takes the lease when it likes to. */
function scene(waitMs: number) {
  const caller = new AbortController()
  let answer: (taken: boolean) => void = () => {}
  let refuse: (error: Error) => void = () => {}
  const keeper = {
    take: () =>
      new Promise<boolean>((resolve, reject) => {
        answer = resolve
        refuse = reject
      }),
    renew: async () => true,
    release: vi.fn(async () => {}),
  } satisfies LeaseKeeper
  const work = vi.fn(async () => 'in')
  const outcome = vi.fn()
  withLease(keeper, 'seller', work, { waitMs, signal: caller.signal }).then(outcome, outcome)
  return {
    caller,
    answer: (taken: boolean) => answer(taken),
    refuse: (error: Error) => refuse(error),
    release: keeper.release,
    work,
    outcome,
  }
}

test.each([0, 1000, 60_000])(
  'a store that does not answer is waited for no longer than the caller wants to (%s ms), and some seconds',
  async (waitMs) => {
    const { outcome } = scene(waitMs)
    await vi.advanceTimersByTimeAsync(Math.max(0, waitMs - 1))
    expect(outcome).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(5001)
    expect(outcome).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: expect.stringContaining('does not answer') }))
  },
)

test('whoever leaves waits for the store, so as to leave nothing behind, but no longer than some seconds', async () => {
  const { caller, outcome } = scene(60_000)
  await vi.advanceTimersByTimeAsync(100)
  caller.abort(LEAVING)
  await vi.advanceTimersByTimeAsync(4999)
  expect(outcome).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(outcome).toHaveBeenCalledExactlyOnceWith(LEAVING)
  expect(vi.getTimerCount()).toBe(0)
})

test('a lease that is granted to whoever leaves is given back before the lock ends: then the store may be closed', async () => {
  const { caller, answer, release, work, outcome } = scene(60_000)
  let released = () => {}
  release.mockReturnValueOnce(
    new Promise<void>((resolve) => {
      released = resolve
    }),
  )
  await vi.advanceTimersByTimeAsync(100)
  caller.abort(LEAVING)
  answer(true)
  await vi.advanceTimersByTimeAsync(100)
  expect(release).toHaveBeenCalledTimes(1)
  expect(outcome).not.toHaveBeenCalled()
  released()
  await vi.advanceTimersByTimeAsync(0)
  expect(outcome).toHaveBeenCalledExactlyOnceWith(LEAVING)
  expect(work).not.toHaveBeenCalled()
})

test('a lease that comes when nobody waits for it any more is given back, and nothing is done under it', async () => {
  const { caller, answer, release, work } = scene(60_000)
  await vi.advanceTimersByTimeAsync(100)
  caller.abort(LEAVING)
  await vi.advanceTimersByTimeAsync(6000)
  const before = release.mock.calls.length
  answer(true)
  await vi.advanceTimersByTimeAsync(0)
  expect(release).toHaveBeenCalledTimes(before + 1)
  expect(work).not.toHaveBeenCalled()
})

test('a lease whose answer is lost when nobody waits for it any more is given back too', async () => {
  const { caller, refuse, release } = scene(60_000)
  await vi.advanceTimersByTimeAsync(100)
  caller.abort(LEAVING)
  await vi.advanceTimersByTimeAsync(6000)
  const before = release.mock.calls.length
  refuse(new Error('the connection broke'))
  await vi.advanceTimersByTimeAsync(0)
  expect(release).toHaveBeenCalledTimes(before + 1)
})

test('a lease that was refused is given back once: the answer may be lost', async () => {
  const { refuse, release, outcome } = scene(60_000)
  refuse(new Error('the connection broke'))
  await vi.advanceTimersByTimeAsync(0)
  expect(outcome).toHaveBeenCalledOnce()
  expect(release).toHaveBeenCalledOnce()
})

test('an answer that takes some seconds is waited for, also by who makes one attempt', async () => {
  const { answer, outcome } = scene(0)
  await vi.advanceTimersByTimeAsync(4000)
  answer(true)
  await vi.advanceTimersByTimeAsync(0)
  expect(outcome).toHaveBeenCalledExactlyOnceWith('in')
  expect(vi.getTimerCount()).toBe(0)
})
