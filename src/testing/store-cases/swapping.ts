import type { TokenStore } from '../../core/store/token-store.ts'
import { randomName } from '../../stores/shared/random-name.ts'
import { expectSame, expectThat, get, put, type StoreCases, someRecord } from './scene.ts'

/** Compare-and-swap: of those who have read the same, one writes. */
export const swapping: StoreCases = {
  'writes over nothing (null) only when nothing is stored': async ({ store, other, account }) => {
    const version = await put(store, account, someRecord(), null)
    for (const handle of [store, other]) {
      expectSame('a second write over nothing', await handle.write(account, someRecord({ generation: 2 }), null), null)
    }
    expectSame('read', await store.read(account), { record: someRecord(), version })
  },

  'writes nothing with a version that is not stored': async ({ store, other, account }) => {
    expectSame('write with a version when nothing is stored', await store.write(account, someRecord(), 'no such version'), null)
    expectSame('read', await store.read(account), null)
    const first = await put(store, account, someRecord(), null)
    const second = await put(store, account, someRecord({ generation: 2 }), first)
    for (const expected of [first, 'no such version', `${second}0`]) {
      expectSame(`write with ${expected}`, await other.write(account, someRecord({ generation: 3 }), expected), null)
    }
    expectSame('read', await store.read(account), { record: someRecord({ generation: 2 }), version: second })
  },

  'writes nothing with the version of another account': async ({ store, account }) => {
    const another = randomName()
    const mine = await put(store, account, someRecord(), null)
    let theirs = await put(store, another, someRecord(), null)
    // Stores that count per account give both the same: then one is a write ahead.
    if (theirs === mine) theirs = await put(store, another, someRecord(), theirs)
    expectSame('write with the version of another account', await store.write(account, someRecord({ generation: 2 }), theirs), null)
  },

  'gives a new version at each write, also of the same record': async ({ store, account }) => {
    const versions = new Set<string>()
    let version: string | null = null
    for (let count = 1; count <= 10; count++) {
      version = await put(store, account, someRecord(), version)
      expectSame('the version that is read', (await get(store, account)).version, version)
      expectThat(`version ${version} came twice`, versions.size < versions.add(version).size)
    }
  },

  'never takes an old version, though the same record stands there again': async ({ store, account }) => {
    const first = await put(store, account, someRecord(), null)
    const second = await put(store, account, someRecord({ generation: 2 }), first)
    await put(store, account, someRecord(), second)
    for (const old of [first, second]) {
      expectSame('write with an old version', await store.write(account, someRecord({ generation: 3 }), old), null)
    }
  },

  'lets exactly one of 50 win, for each version': async ({ store, other, account }) => {
    let expected: string | null = null
    for (let round = 1; round <= 4; round++) {
      const results: (string | null)[] = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (index % 2 ? store : other).write(account, someRecord({ generation: round, lineage: `writer ${index}` }), expected),
        ),
      )
      const winners = results.flatMap((version, index) => (version === null ? [] : [{ version, lineage: `writer ${index}` }]))
      expectSame('how many of 50 concurrent writes with the same version win', winners.length, 1)
      const { record, version } = await get(store, account)
      expectSame('what stands there after 50 concurrent writes', { version, lineage: record.lineage }, winners[0])
      expected = version
    }
  },

  'loses no increment of two handles that count at the same time': async ({ store, other, account }) => {
    await put(store, account, someRecord({ generation: 0 }), null)
    await Promise.all([store, other].map((handle) => increment(handle, account, 20)))
    expectSame('what 2 x 20 increments come to', (await get(store, account)).record.generation, 40)
  },

  'keeps 40 accounts apart that are written at the same time': async ({ store, other }) => {
    const accounts = Array.from({ length: 40 }, randomName)
    await Promise.all(accounts.map((account, index) => put(index % 2 ? store : other, account, someRecord({ generation: index }), null)))
    const read = await Promise.all(accounts.map(async (account) => (await get(store, account)).record.generation))
    expectSame('the generations of 40 accounts', read, [...accounts.keys()])
  },
}

async function increment(store: TokenStore, account: string, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const { record, version } = await get(store, account)
    if (await store.write(account, { ...record, generation: record.generation + 1 }, version)) done++
  }
}
