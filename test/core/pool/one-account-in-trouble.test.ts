import type { RenewReport, SessionPoolOptions, TokenSet, TokenStore } from 'axios-renew'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { forbidUnhandledRejections } from '../../support/unhandled-rejections.ts'
import { HOUR, Rows, Sellers } from './sellers.ts'

/** All of them are due. */
const all = { withinMs: 2 * HOUR }
const never = () => new Promise<never>(() => {})
const diskFull = () => {
  throw new Error('disk full')
}

/** Gives what came of it within this time, if anything. */
async function within<T>({ clock }: Sellers, ms: number, work: Promise<T>): Promise<T | 'nothing'> {
  let outcome: T | 'nothing' = 'nothing'
  let failure: unknown
  work.then(
    (value) => {
      outcome = value
    },
    (error) => {
      failure = error
    },
  )
  for (let passed = 0; passed < ms && outcome === 'nothing' && !failure; passed += 1000) await clock.advance(1000)
  if (failure) throw failure
  return outcome
}

/** A store with another method or two. */
const change = ({ store }: Sellers, changes: Partial<TokenStore>): TokenStore => ({ ...store, ...changes })

describe('while the pair of one account cannot be saved, pool.renewDue', () => {
  /** A store that refuses answers for s0; its watchers can be told of somebody else's change at any time. */
  async function refusing() {
    const sellers = new Sellers()
    const { store } = sellers
    const watchers = new Set<() => void>()
    const broken = { yes: true }
    const pool = sellers.pool({
      store: change(sellers, {
        async write(account, record, expected) {
          if (broken.yes && account === 's0' && record.generation > 1) diskFull()
          return store.write(account, record, expected)
        },
        watch(account, onChange) {
          if (account === 's0') watchers.add(onChange)
          return () => void watchers.delete(onChange)
        },
      }),
    })
    await sellers.signIn(pool, 3)
    return { sellers, pool, broken, tell: () => watchers.forEach((onChange) => void onChange()) }
  }

  it('reports, though a change is told that cannot be looked at before the pair is saved', async () => {
    const { sellers, pool, broken, tell } = await refusing()
    pool.on('save-failed', tell)
    const run = pool.renewDue({ ...all, concurrency: 1 })
    await sellers.clock.advance(0)
    expect(await run).toMatchObject({ examined: 3, renewed: 3, failed: [] })
    // The next run does not wait either.
    expect(await pool.renewDue({ ...all, concurrency: 1 })).toMatchObject({ examined: 3, failed: [{ account: 's0' }] })
    broken.yes = false
    await sellers.clock.advance(60_000)
    expect((await sellers.store.read('s0'))?.record.tokens).toMatchObject({ refreshToken: 's0-r1' })
  })

  it('leaves a session that looks at the change once the pair is saved', async () => {
    const { sellers, pool, broken, tell } = await refusing()
    const told: string[] = []
    pool.on('signed-out', ({ account }) => void told.push(account))
    await pool.session('s0').refresh()
    tell()
    tell()
    broken.yes = false
    await sellers.clock.advance(60_000)
    // Another process signs out; whoever is told looks at once.
    await sellers.pool().session('s0').signOut()
    tell()
    await settle()
    expect(told).toEqual(['s0'])
    expect(pool.session('s0').getSnapshot().status).toBe('signed-out')
  })
})

describe('a slot for token requests', () => {
  const onSavingOf = (ill: (account: string) => boolean, trouble: () => unknown, rows: Rows): Partial<SessionPoolOptions> => ({
    store: undefined,
    load: rows.load,
    save: async (tokens: TokenSet | null, account: string) => {
      if (ill(account)) await trouble()
      rows.save(tokens, account)
    },
  })

  it('is not held by saves that hang', async () => {
    const sellers = new Sellers()
    let ill = false
    const pool = sellers.pool(onSavingOf((account) => ill && account !== 's29', never, new Rows()))
    await sellers.signIn(pool, 30)
    ill = true
    await sellers.clock.advance(HOUR)
    const others = Array.from({ length: 29 }, (_, i) => pool.session(`s${i}`).getTokens())
    await settle()
    expect(await within(sellers, 1000, pool.session('s29').getTokens())).toMatchObject({ accessToken: expect.stringMatching(/^s29-a\d/) })
    // Those whose pair is not saved are served it when their time is over.
    expect(await within(sellers, 31_000, Promise.all(others))).toHaveLength(29)
    expect(sellers.received).toHaveLength(30)
  })

  it.each(['a store', 'load and save'])("is not held by an unsaved pair under onSaveFailure: 'reject', over %s", async (over) => {
    const sellers = new Sellers()
    const { store, clock } = sellers
    let ill = false
    const options =
      over === 'a store'
        ? {
            store: change(sellers, {
              async write(account, record, expected) {
                if (ill && account === 's0' && record.generation > 1) diskFull()
                return store.write(account, record, expected)
              },
            }),
          }
        : onSavingOf((account) => ill && account === 's0', diskFull, new Rows())
    const pool = sellers.pool({
      ...options,
      onSaveFailure: 'reject',
      maxConcurrentRefreshes: 1,
      async refresh(tokens, context) {
        await new Promise<void>((go) => void clock.setTimeout(go, 2000))
        return sellers.refresh(tokens, context)
      },
    })
    const accounts = await sellers.signIn(pool, 3)
    ill = true
    const report = await within(sellers, 10_000, pool.renewDue({ ...all, accounts }))
    expect(report).toMatchObject({ examined: 3, renewed: 2, failed: [{ account: 's0', error: { code: 'ERR_SAVE_FAILED' } }] })
    expect(sellers.times).toEqual([2000, 4000, 6000])
  })
})

describe('while the store is silent, pool.renewDue', () => {
  it('ends when it does not say which accounts are due, and finishes those that it named', async () => {
    const sellers = new Sellers()
    let returned = false
    const due = async function* () {
      try {
        yield 's0'
        await never()
      } finally {
        returned = true
      }
    }
    const pool = sellers.pool({ store: change(sellers, { due }) })
    await sellers.signIn(pool, 2)
    const run = within(sellers, HOUR, pool.renewDue(all))
    await expect(run).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: expect.stringContaining('which accounts are due') })
    expect(sellers.received).toEqual(['s0-r'])
    expect(returned).toBe(false)
  })

  it('lets go of a list that it does not need any more', async () => {
    const sellers = new Sellers()
    let returned = false
    const due = async function* () {
      try {
        for (let i = 0; ; i = (i + 1) % 2) yield `s${i}`
      } finally {
        returned = true
      }
    }
    const pool = sellers.pool({ store: change(sellers, { due }) })
    await sellers.signIn(pool, 2)
    const controller = new AbortController()
    const run = pool.renewDue({ ...all, signal: controller.signal })
    controller.abort()
    await expect(run).rejects.toThrow()
    await settle()
    expect(returned).toBe(true)
  })

  it('reports, though reads of one account hang and changes of it are told again and again', async () => {
    const sellers = new Sellers()
    const { store } = sellers
    let ill = false
    let tell = () => {}
    const pool = sellers.pool({
      store: change(sellers, {
        read: (account) => (ill && account === 's0' ? never() : store.read(account)),
        watch(account, onChange) {
          if (account === 's0') tell = onChange
          return () => {}
        },
      }),
    })
    await sellers.signIn(pool, 3)
    ill = true
    const { advance } = sellers.clock
    sellers.clock.advance = (ms) => {
      tell()
      return advance(ms)
    }
    const report = await within(sellers, 300_000, pool.renewDue({ ...all, concurrency: 1 }))
    expect(report).toMatchObject({ examined: 3, renewed: 2, failed: [{ account: 's0', error: { code: 'ERR_STORE_UNAVAILABLE' } }] })
  })

  it('reports, though the record of one account is outdated again and again', async () => {
    const sellers = new Sellers()
    const { store, clock } = sellers
    let old: Awaited<ReturnType<TokenStore['read']>> | undefined
    let reads = 0
    const pool = sellers.pool({
      store: change(sellers, {
        async read(account) {
          if (account !== 's0' || !old) return store.read(account)
          reads++
          await new Promise<void>((go) => void clock.setTimeout(go, 100))
          return structuredClone(old)
        },
      }),
    })
    const accounts = await sellers.signIn(pool, 2)
    old = await store.read('s0')
    await within(sellers, 40_000, pool.session('s0').refresh())
    const report = await within(sellers, HOUR, pool.renewDue({ ...all, accounts }))
    expect(report).toMatchObject({ examined: 2, renewed: 1, failed: [{ account: 's0', error: { code: 'ERR_STORE_UNAVAILABLE' } }] })
    expect(reads).toBeLessThan(50)
  })
})

describe('a store whose `watch` throws', () => {
  forbidUnhandledRejections()

  it('is used all the same, and told of by store-degraded', async () => {
    const sellers = new Sellers()
    const { store } = sellers
    let ill = false
    const pool = sellers.pool({
      // Every session is put to sleep, and watches again when it is used again.
      maxIdleSessions: 0,
      store: change(sellers, {
        watch(account, onChange) {
          if (ill && account === 's0') throw new Error('no more watchers')
          return store.watch?.(account, onChange) ?? (() => {})
        },
      }),
    })
    const degraded: string[] = []
    pool.on('store-degraded', ({ account }) => void degraded.push(account))
    await sellers.signIn(pool, 3)
    await sellers.clock.advance(61_000)
    ill = true
    expect(await within(sellers, 10_000, pool.renewDue(all))).toMatchObject({ examined: 3, renewed: 3, failed: [] })
    expect(degraded).toContain('s0')
    await settle()
  })
})

it('a display that freezes the reports of pool.renewDue does not disturb it', async () => {
  const sellers = new Sellers()
  const pool = sellers.pool()
  const accounts = await sellers.signIn(pool, 4)
  sellers.revoked.add('s1')
  const listed = async function* () {
    for (const account of accounts) {
      yield account
      await settle()
    }
  }
  const freeze = (report: RenewReport) => {
    for (const value of Object.values(report)) Object.freeze(value)
    Object.freeze(report)
  }
  const report = await pool.renewDue({ ...all, accounts: listed(), concurrency: 1, onProgress: freeze })
  expect(report).toMatchObject({ examined: 4, renewed: 3, ended: ['s1'], failed: [] })
})
