import type { TokenStore } from '../../core/store/token-store.ts'
import { randomName } from '../../stores/shared/random-name.ts'
import { CALM_MS, expectSame, expectThat, put, type StoreCases, sleep, someRecord, until } from './scene.ts'

/** `watch`, of stores that have it. */
export const watching: StoreCases = {
  'tells those who watch of a write through another handle': async ({ store, other, account }) => {
    for (const [watching, writing] of [
      [store, other],
      [other, store],
    ] as const) {
      const watcher = watch(watching, account)
      if (!watcher) return
      // At once: what is written while the store is only beginning to listen is news, too.
      await touch(writing, account)
      await until('the call of a watcher', () => watcher.calls > 0)
      const { calls } = watcher
      await touch(writing, account)
      await until('the call of a watcher after a second write', () => watcher.calls > calls)
      watcher.stop()
    }
  },

  'tells of a sign-out and of an ended session': async ({ store, other, account }) => {
    const watcher = watch(store, account)
    if (!watcher) return
    const first = await put(other, account, someRecord(), null)
    await until('the call of a watcher', () => watcher.calls > 0)
    await sleep(CALM_MS)
    let { calls } = watcher
    const second = await put(other, account, someRecord({ endedAt: 1_893_456_000_000 }), first)
    await until('the call of a watcher after endedAt was written', () => watcher.calls > calls)
    await sleep(CALM_MS)
    ;({ calls } = watcher)
    await put(other, account, someRecord({ tokens: null }), second)
    await until('the call of a watcher after a tombstone was written', () => watcher.calls > calls)
    watcher.stop()
  },

  'tells all who watch': async ({ store, other, account }) => {
    const watchers = [store, store, other].map((handle) => watch(handle, account))
    await touch(store, account)
    await until('the calls of three watchers', () => watchers.every((watcher) => watcher?.calls !== 0))
    for (const watcher of watchers) watcher?.stop()
  },

  'tells those who stopped no more, and the others still': async ({ store, other, account }) => {
    const [leaving, staying] = [watch(store, account), watch(store, account)]
    if (!leaving || !staying) return
    await touch(other, account)
    await until('the calls of two watchers', () => leaving.calls > 0 && staying.calls > 0)
    await sleep(CALM_MS)
    const { calls } = staying
    leaving.stop()
    leaving.stop()
    const before = leaving.calls
    await touch(other, account)
    await until('the call of the watcher that stayed', () => staying.calls > calls)
    await sleep(CALM_MS)
    expectSame('the calls of a watcher after it stopped', leaving.calls - before, 0)
    staying.stop()
  },

  'tells nobody of the writes of other accounts': async ({ store, other, account }) => {
    const another = randomName()
    const [mine, theirs] = [watch(store, account), watch(store, another)]
    if (!mine || !theirs) return
    await touch(other, account)
    await touch(other, another)
    await until('the calls of two watchers', () => mine.calls > 0 && theirs.calls > 0)
    let disturbed = true
    // A call for a write of one's own may come late, say by polling, but not each time that others write.
    for (let round = 0; disturbed && round < 3; round++) {
      await sleep(CALM_MS)
      const [before, calls] = [mine.calls, theirs.calls]
      await touch(other, another)
      await until('the call of a watcher', () => theirs.calls > calls)
      await sleep(CALM_MS)
      disturbed = mine.calls > before
    }
    expectThat('a watcher was called each time that another account was written, expected no call', !disturbed)
    mine.stop()
    theirs.stop()
  },

  'does not let a watcher that throws disturb anybody': async ({ store, other, account }) => {
    const failing = store.watch?.(account, () => {
      throw new Error('a watcher has failed')
    })
    const watcher = watch(store, account)
    await touch(store, account)
    await touch(other, account)
    await until('the call of a watcher beside one that throws', () => watcher?.calls !== 0)
    failing?.()
    watcher?.stop()
  },

  'writes on when a watcher reads and writes': async ({ store, account }) => {
    let answered: Promise<unknown> | undefined
    const stop = store.watch?.(account, () => {
      answered ??= touch(store, account)
    })
    if (!stop) return
    await touch(store, account)
    await until('the call of a watcher', () => answered !== undefined)
    await answered
    stop()
  },
}

function watch(store: TokenStore, account: string): { readonly calls: number; stop: () => void } | undefined {
  let calls = 0
  const stop = store.watch?.(account, () => {
    calls++
  })
  if (!stop) return undefined
  return {
    get calls() {
      return calls
    },
    stop,
  }
}

/** Writes something new. */
async function touch(store: TokenStore, account: string): Promise<void> {
  const stored = await store.read(account)
  await store.write(account, someRecord({ generation: (stored?.record.generation ?? 0) + 1 }), stored?.version ?? null)
}
