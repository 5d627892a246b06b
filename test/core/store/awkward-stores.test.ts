import { memoryStore, type TokenStore } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { forbidUnhandledRejections } from '../../support/unhandled-rejections.ts'
import { createFleet, firstPair } from './fleet.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000

describe('a lock of a store', () => {
  /** A store in memory with another lock. */
  async function withLock(lock: TokenStore['lock']) {
    const fleet = createFleet({ ...memoryStore(), lock })
    const session = fleet.start()
    await session.signIn(firstPair(fleet))
    await fleet.clock.advance(HOUR)
    return { ...fleet, session }
  }
  const lease = { signal: new AbortController().signal }

  test('that never calls the work, and never settles, keeps callers for the usual time', async () => {
    const { session, clock, server } = await withLock(() => new Promise(() => undefined))
    const waiting = rejection(session.getTokens())
    await clock.advance(30_000)
    expect(await waiting).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
    expect(server.requests).toBe(0)
  })

  test('that resolves without the work is an error, and nothing is sent', async () => {
    const { session, server } = await withLock(async () => undefined as never)
    expect(await rejection(session.getTokens())).toMatchObject({ name: 'StoreError' })
    expect(server.requests).toBe(0)
  })

  test('that calls the work twice at once sends one token request', async () => {
    const { session, server } = await withLock(async (_account, work) => (await Promise.all([work(lease), work(lease)]))[0])
    expect((await session.getTokens()).accessToken).toBe('a2')
    await settle()
    expect(server.requests).toBe(1)
    expect(server.revoked).toBe(false)
  })

  test('that calls the work twice, one after the other, sends one token request', async () => {
    const { session, server } = await withLock(async (_account, work) => {
      await work(lease)
      return work(lease)
    })
    expect((await session.getTokens()).accessToken).toBe('a2')
    await settle()
    expect(server.requests).toBe(1)
  })

  test('that rejects after the work costs nobody the pair', async () => {
    const { session, server, clock } = await withLock(async (_account, work) => {
      await work(lease)
      throw new Error('connection reset')
    })
    expect((await session.getTokens()).accessToken).toBe('a2')
    await clock.advance(HOUR)
    expect((await session.getTokens()).accessToken).toBe('a3')
    expect(server.requests).toBe(2)
  })
})

describe('a store that can be watched', () => {
  test('and calls back a thousand times at once is read a few times', async () => {
    const { store, session, server } = await prepare(1)
    for (let i = 0; i < 1000; i++) store.tell()
    await settle()
    expect(store.count('read')).toBeLessThanOrEqual(2)
    expect(session.status).toBe('active')
    expect(server.requests).toBe(0)
  })

  test('and calls back a thousand times while it is slow is read once more, afterwards', async () => {
    const { store } = await prepare(1)
    const held: (() => void)[] = []
    store.before = () => new Promise<void>((resolve) => held.push(resolve))
    for (let i = 0; i < 1000; i++) {
      store.tell()
      if (i % 100 === 0) await settle()
    }
    expect(store.count('read')).toBe(1)
    store.before = () => undefined
    for (const goOn of held) goOn()
    await settle()
    expect(store.count('read')).toBe(2)
  })

  test('and calls back after close is not read any more', async () => {
    const { store, session } = await prepare(1)
    const watchers = [...store.watchers]
    await session.close()
    for (const watcher of watchers) watcher()
    await settle()
    expect(store.asked).toEqual([])
  })

  test('and calls back before the session is used is not read', async () => {
    const { store, fleet } = await prepare(1)
    store.watchers = []
    const fresh = fleet.start()
    store.tell()
    await settle()
    expect([fresh.status, store.asked]).toEqual(['unknown', []])
  })

  test('is watched from the first use on, also when that is a sign-out', async () => {
    const store = memoryStore()
    const fleet = createFleet(store)
    const session = fleet.start()
    await session.signOut()
    const other = fleet.start()
    await other.signIn(firstPair(fleet))
    await settle()
    expect(session.status).toBe('active')
    await other.signOut()
    await settle()
    expect(session.status).toBe('signed-out')
  })

  test('is watched once, however often the session is used', async () => {
    const { store, session } = await prepare(1)
    await Promise.all(
      [session.getTokens(), session.signIn({ access_token: 'a' }), session.getTokens()].map((it) => it.catch(() => undefined)),
    )
    expect(store.watchers).toHaveLength(1)
  })
})

test('a store that cannot be watched is looked at before every token request', async () => {
  const fleet = createFleet({ ...memoryStore(), watch: undefined })
  const [first, second] = [fleet.start(), fleet.start()]
  await first.signIn(firstPair(fleet))
  await second.getTokens()
  for (let round = 0; round < 5; round++) {
    await fleet.clock.advance(HOUR)
    const tokens = await Promise.all([first.getTokens(), second.getTokens()])
    expect(tokens[0].accessToken).toBe(tokens[1].accessToken)
  }
  expect([fleet.server.requests, fleet.server.sentTwice]).toEqual([5, []])
  await first.signOut()
  await fleet.clock.advance(HOUR)
  expect(await rejection(second.getTokens())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
})

describe('a store that uses the session it is for', () => {
  const REENTRANT = { code: 'ERR_REENTRANT_REFRESH' }

  test.each(['read', 'write'] as const)('fails in %s', async (operation) => {
    const { store, session, server } = await prepare(1)
    store.before = async (asked) => void (asked === operation && (await session.getTokens()))
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', cause: REENTRANT })
    expect(server.requests).toBe(0)
  })

  test('fails in lock', async () => {
    const { store, session, server, clock } = await prepare(1)
    store.before = async (asked) => void (asked === 'lock' && (await session.getTokens()))
    const failed = rejection(session.getTokens())
    await clock.advance(30_000)
    expect(await failed).toMatchObject({ name: 'StoreError' })
    expect(server.requests).toBe(0)
  })
})

describe('watching a store', () => {
  forbidUnhandledRejections()
  const boom = () => {
    throw new Error('boom')
  }

  test.each([
    ['a stop function that throws', { watch: () => boom }],
    ['a stop function that rejects', { watch: () => async () => boom() }],
    ['a watch that is asynchronous', { watch: async () => () => {} }],
    ['a watch that rejects', { watch: async () => boom() }],
    ['an onDegraded that throws', { onDegraded: boom }],
    ['something else than a stop function', { watch: () => 'stop' }],
  ] as unknown as [string, Partial<TokenStore>][])('may meet %s', async (_, changes) => {
    const fleet = createFleet({ ...memoryStore(), ...changes })
    const session = fleet.start()
    await session.signIn(firstPair(fleet))
    await fleet.clock.advance(HOUR)
    expect((await session.getTokens()).accessToken).toBe('a2')
    await session.signOut()
    await session.close()
  })

  test('stops, also when that was promised', async () => {
    const watchers = new Set<() => void>()
    const watch = async (_account: string, callback: () => void) => {
      watchers.add(callback)
      return () => void watchers.delete(callback)
    }
    const fleet = createFleet({ ...memoryStore(), watch: watch as never })
    const session = fleet.start()
    await session.signIn(firstPair(fleet))
    await settle()
    expect(watchers.size).toBe(1)
    await session.close()
    await settle()
    expect(watchers.size).toBe(0)
  })

  test('is tried again after a minute, and what was missed is looked at', async () => {
    const store = memoryStore()
    let refused = 0
    const watch: TokenStore['watch'] = (...given) => (++refused <= 2 ? boom() : (store.watch?.(...given) ?? (() => {})))
    const fleet = createFleet({ ...store, watch })
    const session = fleet.start()
    await session.signIn(firstPair(fleet))
    await fleet.start({ store }).signOut()
    await settle()
    expect(session.status).toBe('active')
    await fleet.clock.advance(60_000)
    expect(session.status).toBe('signed-out')
    await fleet.clock.advance(HOUR)
    expect(refused).toBe(3)
  })

  test('is not tried again once the session is closed', async () => {
    let tries = 0
    const watch = () => {
      tries++
      return boom()
    }
    const fleet = createFleet({ ...memoryStore(), watch })
    const session = fleet.start()
    await session.signIn(firstPair(fleet))
    await settle()
    await session.close()
    await fleet.clock.advance(HOUR)
    expect(tries).toBe(1)
  })
})

describe('a record or a version of a hand-written store', () => {
  test('that is `undefined` for somebody else was first does not count as written', async () => {
    const store = memoryStore()
    const write: TokenStore['write'] = async (...given) => (await store.write(...given)) ?? (undefined as never)
    const fleet = createFleet({ ...store, write })
    const [one, two] = [fleet.start(), fleet.start()]
    await one.signIn(firstPair(fleet))
    await two.getTokens()
    await Promise.all([one.signOut(), two.signIn({ ...firstPair(fleet), access_token: 'again' })])
    await settle()
    expect(two.status).toBe('active')
    expect((await store.read('default'))?.record.tokens).toMatchObject({ accessToken: 'again' })
  })

  test('may give null for what is not set', async () => {
    const { store, server, session } = await prepare(1)
    const { read } = store
    const nothing = { client: null, refreshStartedAt: null, endedAt: null }
    store.read = async () => {
      const row = await read()
      return row && { ...row, record: { ...nothing, ...row.record } as never }
    }
    expect((await session.getTokens()).accessToken).toBe('a2')
    expect(server.requests).toBe(1)
  })

  test('whose generation is no number is not written over', async () => {
    const { store, server, session } = await prepare(1)
    store.put({ generation: Number.NaN })
    expect(await rejection(session.getTokens())).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('generation'),
    })
    expect(server.requests).toBe(0)
  })

  test('that never fits what was read is given up, and nothing is sent', async () => {
    const { store, server, session } = await prepare(1)
    const writes = store.count('write')
    store.write = async () => {
      store.asked.push('write')
      return null
    }
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(store.count('write') - writes).toBeLessThanOrEqual(10)
    expect(server.requests).toBe(0)
  })

  test('a lock that calls the work after it has rejected sends nothing', async () => {
    const { store, server, session } = await prepare(1)
    let late = async () => {}
    store.lock = (_account, work) => {
      late = async () => void (await work({ signal: new AbortController().signal }))
      throw new Error('too slow')
    }
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await late()
    expect(server.requests).toBe(0)
  })
})
