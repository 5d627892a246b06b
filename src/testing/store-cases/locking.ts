import { randomName } from '../../stores/shared/random-name.ts'
import {
  CALM_MS,
  expectBusy,
  expectSame,
  expectThat,
  get,
  hold,
  lock,
  put,
  rejection,
  type Scene,
  SOON_MS,
  type StoreCases,
  sleep,
  someRecord,
} from './scene.ts'

/** One at a time works on an account. */
export const locking: StoreCases = {
  'lets nobody else in, through another handle or the same': async ({ store, other, account }) => {
    const { release } = await hold(store, account)
    for (const handle of [other, store]) await expectBusy('the lock of an account that is locked', handle, account)
    await release()
    expectSame('the lock after its release', await lock(other, account, async () => 'free'), 'free')
  },

  'gives what the work gives, and is free again': async ({ store, other, account }) => {
    for (const handle of [store, other, store]) {
      const result = { any: 'thing' }
      expectThat('lock: expected the very value that the work gave', (await lock(handle, account, async () => result)) === result)
    }
  },

  'rejects with what the work rejects with, and is free again': async ({ store, other, account }) => {
    const failure = new Error('the work has failed')
    const works = [
      () => Promise.reject(failure),
      (): Promise<never> => {
        throw failure
      },
    ]
    for (const work of works) {
      const error = await rejection('lock', lock(store, account, work))
      expectThat(`lock: expected the very error of the work, got ${error}`, error === failure)
      expectSame('the lock after its work has failed', await lock(other, account, async () => 'free'), 'free')
    }
  },

  'lets the work of different accounts go on at the same time': async ({ store, other, account }) => {
    const mine = await hold(store, account)
    const theirs = await hold(other, randomName())
    await Promise.all([mine.release(), theirs.release()])
  },

  'does not keep anybody from reading and writing': async ({ store, other, account }) => {
    const version = await lock(store, account, async () => {
      const first = await put(store, account, someRecord(), null)
      const second = await put(other, account, someRecord({ generation: 2 }), first)
      expectSame('read under the lock', await store.read(account), { record: someRecord({ generation: 2 }), version: second })
      return second
    })
    expectSame('read after it', (await get(other, account)).version, version)
  },

  'does not let its holder in a second time': async ({ store, account }) => {
    await lock(store, account, () => expectBusy('the lock, asked for under itself', store, account))
    expectSame('the lock after that', await lock(store, account, async () => 'free'), 'free')
  },

  'gives the work a signal that stays quiet': async ({ store, account }) => {
    await lock(store, account, async ({ signal }) => {
      expectThat('lease.signal: expected an AbortSignal', typeof signal?.aborted === 'boolean')
      await sleep(CALM_MS)
      expectThat('lease.signal aborted though nobody took the lock', !signal.aborted)
    })
  },

  'lets 10 have their turns, one at a time': async ({ store, other, account }) => {
    let inside = 0
    let most = 0
    const turns = Array.from({ length: 10 }, (_, index) =>
      lock(
        index % 2 ? store : other,
        account,
        async () => {
          most = Math.max(most, ++inside)
          await sleep(5)
          inside--
          return index
        },
        { waitMs: 15_000 },
      ),
    )
    expectSame('those who had their turn', await Promise.all(turns), [...turns.keys()])
    expectSame('how many were inside at the same time', most, 1)
  },

  'counts what is read, raised and written under the lock': async ({ store, other, account }) => {
    await put(store, account, someRecord({ generation: 0 }), null)
    const raise = (index: number) =>
      lock(
        index % 2 ? store : other,
        account,
        async () => {
          const { record, version } = await get(store, account)
          await put(store, account, { ...record, generation: record.generation + 1 }, version)
        },
        { waitMs: 15_000 },
      )
    await Promise.all([0, 1, 2, 3].map(raise))
    expectSame('what 4 increments come to', (await get(store, account)).record.generation, 4)
  },
}

/** For stores whose leases are short enough to outlive one in a test. */
export const leasing: StoreCases = {
  'keeps the lock of work that takes longer than a lease': async (scene) => {
    const { leaseMs = 0 } = scene
    for (let attempts = 1; ; attempts++) {
      const { slowestMs, failure } = await outlive(leaseMs, scene)
      if (!failure) return
      // Where nothing went on for so long a renewal may have come too late: this says nothing of the store.
      if (slowestMs < leaseMs / 2 || attempts === 5) throw failure
    }
  },
}

/** Holds a lock for three leases. Tells what went wrong, and how long it took at most to look at it. */
async function outlive(leaseMs: number, { store, other, account }: Scene): Promise<{ slowestMs: number; failure?: unknown }> {
  const { lease, release } = await hold(store, account)
  const end = performance.now() + Math.min(3 * leaseMs, SOON_MS)
  let slowestMs = 0
  for (let before = performance.now(); before < end; before = performance.now()) {
    const failure = await sleep(leaseMs / 8)
      .then(() => expectBusy('the lock of work that takes longer than a lease', other, account))
      .then(() => expectThat('lease.signal aborted though the lease was renewed', !lease.signal.aborted))
      .catch((error) => error)
    slowestMs = Math.max(slowestMs, performance.now() - before)
    if (failure) {
      await release().catch(() => {})
      return { slowestMs, failure }
    }
  }
  await release()
  expectSame('the lock after that', await lock(other, account, async () => 'free'), 'free')
  return { slowestMs }
}
