import { CALM_MS, expectBusy, expectSame, expectThat, hold, lock, rejection, SOON_MS, type StoreCases, sleep } from './scene.ts'

/** How a lock is waited for. */
export const waiting: StoreCases = {
  'waits for a busy lock, and gets it when it is free': async ({ store, other, account }) => {
    for (const handle of [store, other]) {
      const { release } = await hold(store, account)
      let inside = false
      const waiter = lock(handle, account, async () => (inside = true), { waitMs: SOON_MS })
      await sleep(CALM_MS)
      expectThat('the work began while somebody else had the lock', !inside)
      await release()
      expectSame('a lock that was waited for', await waiter, true)
    }
  },

  'gives up after waitMs, and not before': async ({ store, other, account }) => {
    const { release } = await hold(store, account)
    const started = performance.now()
    const error = await rejection(
      'lock',
      lock(other, account, async () => 'the work was done', { waitMs: 300 }),
    )
    const ms = performance.now() - started
    expectSame('the code of the error after waitMs', Object(error).code, 'ERR_LOCK_TIMEOUT')
    expectThat(`waitMs: 300 took ${Math.round(ms)} ms, expected little more than 300`, ms > 250 && ms < 3_500)
    await expectBusy('the lock that another has given up on', other, account)
    await release()
    expectSame('the lock that another has given up on', await lock(store, account, async () => 'free', { waitMs: SOON_MS }), 'free')
  },

  'stops waiting when the signal aborts, with its reason': async ({ store, other, account }) => {
    const { release } = await hold(store, account)
    for (const handle of [store, other]) {
      const controller = new AbortController()
      const reason = new Error('no longer needed')
      const waiter = rejection(
        'lock',
        lock(handle, account, async () => 'the work was done', { waitMs: 15_000, signal: controller.signal }),
      )
      await sleep(CALM_MS)
      const started = Date.now()
      controller.abort(reason)
      const error = await waiter
      expectThat(`lock: expected the reason of the signal, got ${error}`, error === reason)
      expectThat('it took a second and more to stop waiting', Date.now() - started < 1_000)
    }
    await release()
  },

  'does not begin with a signal that has aborted': async ({ store, account }) => {
    const reason = new Error('no longer needed')
    const error = await rejection(
      'lock',
      lock(store, account, async () => 'the work was done', { waitMs: 15_000, signal: AbortSignal.abort(reason) }),
    )
    expectThat(`lock: expected the reason of the signal, got ${error}`, error === reason)
    expectSame('the lock after that', await lock(store, account, async () => 'free'), 'free')
  },

  'lets the work go on when the signal aborts': async ({ store, other, account }) => {
    const controller = new AbortController()
    const work = async () => {
      controller.abort(new Error('no longer needed'))
      await sleep(CALM_MS)
      await expectBusy('the lock of work whose signal has aborted', other, account)
      return 'done'
    }
    expectSame('lock', await lock(store, account, work, { signal: controller.signal }), 'done')
    expectSame('the lock after that', await lock(other, account, async () => 'free'), 'free')
  },

  'is not left locked by those who left': async ({ store, other, account }) => {
    const { release } = await hold(store, account)
    const controller = new AbortController()
    const waiters = [store, other, store, other].map((handle, index) =>
      rejection(
        'lock',
        lock(handle, account, async () => 'the work was done', { waitMs: index < 2 ? 150 : 15_000, signal: controller.signal }),
      ),
    )
    await sleep(200)
    // At the same moment: some may just be getting it.
    const released = release()
    controller.abort(new Error('no longer needed'))
    await Promise.all([released, ...waiters.map((waiter) => waiter.catch(() => {}))])
    for (const handle of [other, store])
      expectSame('the lock', await lock(handle, account, async () => 'free', { waitMs: SOON_MS }), 'free')
  },
}
