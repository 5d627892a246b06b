import { memoryStore, type StoredRecord, type TokenStore } from 'axios-renew'
import { type TestStoreOptions, testStore } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { brokenStores, lockUntil } from './broken-stores.ts'

interface Case {
  name: string
  run: () => Promise<void>
}

function casesFor(open: TestStoreOptions['open'], leaseMs?: number): Case[] {
  const cases: Case[] = []
  testStore({ test: (name, run) => cases.push({ name, run }), open, leaseMs })
  return cases
}

/** Which tests fail, and what they say. */
async function failuresOf(cases: Case[]): Promise<string[]> {
  const results = await Promise.allSettled(cases.map(({ run }) => run()))
  return results.flatMap((result, index) => (result.status === 'rejected' ? [`${cases[index]?.name}: ${result.reason}`] : []))
}

describe('the suite for stores', () => {
  // One case each, else it takes minutes: some faults show only when nothing has happened for long enough.
  test.concurrent.each(brokenStores)('finds a store that %s', async (_, { breaks, found }) => {
    const broken = breaks(memoryStore())
    const cases = casesFor(() => (typeof broken === 'function' ? broken() : broken)).filter(({ name }) => name.endsWith(found))
    expect(cases).toHaveLength(1)
    expect(await failuresOf(cases)).toEqual([
      expect.stringMatching(/: (Store)?Error: .*(expected|gives|twice|null|began|aborted|circles|took|busy)/),
    ])
  })

  test('finds a store whose leases end during the work', async () => {
    const store = memoryStore()
    const lock: TokenStore['lock'] = (account, work, options) =>
      lockUntil(store, account, work, options, new Promise((resolve) => setTimeout(resolve, 100)))
    const cases = casesFor(() => ({ ...store, lock }), 100).filter(({ name }) => name.startsWith('leasing: '))
    expect(await failuresOf(cases)).toEqual([expect.stringContaining('expected a rejection')])
  })

  test('tries leases again where nothing went on for so long that a renewal was missed', async () => {
    const store = memoryStore()
    let locks = 0
    const lock: TokenStore['lock'] = (account, work, options) =>
      locks++ ? store.lock(account, work, options) : lockUntil(store, account, work, options, standStill())
    const standStill = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      for (const until = performance.now() + 150; performance.now() < until; );
    }
    const cases = casesFor(() => ({ ...store, lock }), 100).filter(({ name }) => name.startsWith('leasing: '))
    expect(await failuresOf(cases)).toEqual([])
  })

  test('passes a store without the optional methods', async () => {
    const { read, write, lock } = memoryStore()
    expect(await failuresOf(casesFor(() => ({ read, write, lock })))).toEqual([])
  })

  test('passes a store that counts the versions of each account, as a column of SQL does', async () => {
    const rows = new Map<string, StoredRecord>()
    const { lock } = memoryStore()
    const store: TokenStore = {
      lock,
      read: async (account) => structuredClone(rows.get(account) ?? null),
      async write(account, record, expected) {
        const before = rows.get(account)?.version ?? null
        if (before !== expected) return null
        const version = String(Number(before) + 1)
        rows.set(account, structuredClone({ record, version }))
        return version
      },
    }
    expect(await failuresOf(casesFor(() => store))).toEqual([])
  })

  test('passes a store that polls, and calls first when it begins to watch', async () => {
    const store = memoryStore()
    const watch: TokenStore['watch'] = (account, onChange) => {
      let changed = true
      const poll = () => {
        if (!changed) return
        changed = false
        try {
          onChange()
        } catch {}
      }
      const stop = store.watch?.(account, () => {
        changed = true
      })
      const timer = setInterval(poll, 300)
      queueMicrotask(poll)
      return () => {
        stop?.()
        clearInterval(timer)
      }
    }
    const cases = casesFor(() => ({ ...store, watch })).filter(({ name }) => name.startsWith('watching: '))
    expect(await failuresOf(cases)).toEqual([])
  })

  test('waits for a handle that takes time to open, and opens two for each test', async () => {
    const store = memoryStore()
    let opened = 0
    const cases = casesFor(async () => {
      opened++
      return store
    })
    expect(await failuresOf(cases)).toEqual([])
    expect(opened).toBe(2 * cases.length)
  })

  test('tries the length of leases only when it is told', () => {
    expect(casesFor(memoryStore, 300).length).toBe(casesFor(memoryStore).length + 1)
  })

  test('has tests of different names, which take no argument and a time that is theirs', () => {
    const names = new Set<string>()
    const check = (name: string, run: () => Promise<void>, timeoutMs: number) => {
      names.add(name)
      expect(run).toHaveLength(0)
      expect(timeoutMs).toBeGreaterThan(10_000)
    }
    testStore({ test: check, open: memoryStore })
    expect(names.size).toBe(casesFor(memoryStore).length)
    expect(names.size).toBeGreaterThan(40)
  })

  test('says what it needs', () => {
    const open = memoryStore
    expect(() => testStore({ open } as never)).toThrow(new TypeError("testStore: option 'test': expected function, got undefined"))
    expect(() => testStore({ test } as never)).toThrow(new TypeError("testStore: option 'open': expected function, got undefined"))
    expect(() => testStore({ test, open, leaseMs: -1 })).toThrow(TypeError)
  })
})
