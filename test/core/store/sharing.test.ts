import { memoryStore, SessionEndedError, type SessionRecord, SignedOutError, StoreError, type TokenStore } from 'axios-renew'
import { expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { createFleet, type Fleet, firstPair } from './fleet.ts'

const HOUR = 3600_000

async function stored({ store }: Fleet): Promise<SessionRecord> {
  const found = await store.read('default')
  if (!found) throw new Error('nothing is stored')
  return found.record
}

async function startSignedIn(fleet: Fleet, count: number) {
  const sessions = Array.from({ length: count }, () => fleet.start())
  await sessions[0]?.signIn(firstPair(fleet))
  await Promise.all(sessions.map((session) => session.getTokens()))
  return sessions as [ReturnType<Fleet['start']>, ...ReturnType<Fleet['start']>[]]
}

it('refreshes once for all processes', async () => {
  const fleet = createFleet()
  const sessions = await startSignedIn(fleet, 5)
  for (let rotation = 1; rotation <= 10; rotation++) {
    await fleet.clock.advance(HOUR)
    const tokens = await Promise.all(sessions.flatMap((session) => Array.from({ length: 20 }, () => session.getTokens())))
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(fleet.server.requests).toBe(rotation)
  }
  expect(fleet.server.revoked).toBe(false)
})

it('writes an intent before the token request, and the pair before anybody uses it', async () => {
  const seen: SessionRecord[] = []
  const inner = memoryStore()
  const store: TokenStore = {
    ...inner,
    write: (account, record, expected) => {
      seen.push(structuredClone(record))
      return inner.write(account, record, expected)
    },
  }
  const fleet = createFleet(store)
  const [session] = await startSignedIn(fleet, 1)
  await fleet.clock.advance(HOUR)
  await session.getTokens()
  expect(seen.map(({ generation, refreshStartedAt }) => [generation, refreshStartedAt])).toEqual([
    [1, undefined],
    [1, fleet.clock.now()],
    [2, undefined],
  ])
})

it('tells all others of a sign-out and of a sign-in, without a request', async () => {
  const fleet = createFleet()
  const [first, second, third] = await startSignedIn(fleet, 3)
  await first.signOut()
  await settle()
  expect([second?.status, third?.status]).toEqual(['signed-out', 'signed-out'])
  expect((await stored(fleet)).tokens).toBeNull()
  await second?.signIn({ access_token: 'anew', expires_in: 3600 })
  await settle()
  expect([first.status, third?.status]).toEqual(['active', 'active'])
  expect((await third?.getTokens())?.accessToken).toBe('anew')
  expect(fleet.events[2]?.map(({ name }) => name)).toEqual(['signed-out', 'signed-in'])
})

it('does not bring a sign-out back by its seed, nor by an answer that comes later', async () => {
  const fleet = createFleet()
  const [first, second] = await startSignedIn(fleet, 2)
  await fleet.clock.advance(HOUR)
  const revoked: string[] = []
  fleet.server.hold = true
  const third = fleet.start({ revoke: ({ refreshToken }) => revoked.push(String(refreshToken)) })
  const waiting = rejection(third.getTokens())
  await settle()
  expect(fleet.server.requests).toBe(1)
  await second?.signOut()
  expect(await waiting).toBeInstanceOf(SignedOutError)
  fleet.server.pending[0]?.answer()
  await settle()
  expect((await stored(fleet)).tokens).toBeNull()
  expect(revoked).toHaveLength(1)
  const seeded = fleet.start({ tokens: { access_token: 'seed' } })
  expect(await rejection(seeded.getTokens())).toBeInstanceOf(SignedOutError)
  expect(first.status).toBe('signed-out')
})

it('seeds an empty store once', async () => {
  const fleet = createFleet()
  const sessions = Array.from({ length: 4 }, (_, i) => fleet.start({ tokens: { accessToken: `seed-${i}`, refreshToken: `r-${i}` } }))
  const tokens = await Promise.all(sessions.map((session) => session.getTokens()))
  expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
  expect((await stored(fleet)).tokens?.accessToken).toBe(tokens[0]?.accessToken)
})

it('marks an end beside the pair; others believe it, and try again after 24 h', async () => {
  const fleet = createFleet()
  const [first, second] = await startSignedIn(fleet, 2)
  fleet.server.revoked = true
  await fleet.clock.advance(HOUR)
  expect(await rejection(first.getTokens())).toBeInstanceOf(SessionEndedError)
  await settle()
  expect(second?.status).toBe('ended')
  const record = await stored(fleet)
  expect(record).toMatchObject({ endedAt: fleet.clock.now(), generation: 1, tokens: { accessToken: expect.any(String) } })
  expect(record.refreshStartedAt).toBeUndefined()
  expect(await rejection(fleet.start().getTokens())).toBeInstanceOf(SessionEndedError)
  expect(fleet.server.requests).toBe(1)
  await fleet.clock.advance(24 * HOUR)
  fleet.server.revoked = false
  expect((await fleet.start().getTokens()).accessToken).toBeTruthy()
  expect(fleet.server.requests).toBe(2)
})

it('adopts what others have refreshed instead of asking the server', async () => {
  const fleet = createFleet({ ...memoryStore(), watch: undefined })
  const [first, second] = await startSignedIn(fleet, 2)
  await fleet.clock.advance(HOUR)
  const fresh = await first.getTokens()
  expect((await second?.getTokens())?.accessToken).toBe(fresh.accessToken)
  expect(fleet.server.requests).toBe(1)
  expect(fleet.events[1]?.at(-1)).toMatchObject({ name: 'refreshed', adopted: true })
})

it('writes over a store that was rolled back or emptied, and sends nothing twice', async () => {
  const rows = new Map<string, { record: SessionRecord; version: string }>()
  let version = 0
  const inner = memoryStore()
  const store: TokenStore = {
    lock: inner.lock,
    read: async (account) => structuredClone(rows.get(account) ?? null),
    write: async (account, record, expected) => {
      if ((rows.get(account)?.version ?? null) !== expected) return null
      rows.set(account, structuredClone({ record, version: String(++version) }))
      return String(version)
    },
  }
  const fleet = createFleet(store)
  const [first] = await startSignedIn(fleet, 1)
  const old = structuredClone(rows.get('default'))
  await fleet.clock.advance(HOUR)
  await first.getTokens()
  rows.set('default', { record: (old as { record: SessionRecord }).record, version: 'restored' })
  await fleet.clock.advance(HOUR)
  await first.getTokens()
  rows.clear()
  await fleet.clock.advance(HOUR)
  await first.getTokens()
  expect(fleet.server).toMatchObject({ requests: 3, revoked: false })
  expect(rows.get('default')?.record.generation).toBe(4)
  await first.signOut()
  rows.set('default', { record: (old as { record: SessionRecord }).record, version: 'restored again' })
  await fleet.clock.advance(2000)
  expect(await rejection(first.getTokens())).toBeInstanceOf(SignedOutError)
  expect(rows.get('default')?.record.tokens).toBeNull()
})

it('leaves records of another client, and what is no record, alone', async () => {
  const fleet = createFleet()
  const other = fleet.start({ client: 'https://one.example app' })
  await other.signIn(firstPair(fleet))
  const before = await fleet.store.read('default')
  const mine = fleet.start({ client: 'https://two.example app', onStoreFailure: 'proceed', tokens: { access_token: 'seed' } })
  for (const attempt of [() => mine.getTokens(), () => mine.signIn({ access_token: 'x' }), () => mine.refresh(), () => mine.signOut()]) {
    const error = await rejection(attempt())
    expect([error.constructor, error.code, error.message]).toEqual([
      StoreError,
      'ERR_STORE_UNAVAILABLE',
      expect.stringContaining('two.example'),
    ])
  }
  expect(await fleet.store.read('default')).toEqual(before)
})

it('writes an unsaved pair soon after the store is back, however long it was away', async () => {
  const inner = memoryStore()
  let down = false
  const store: TokenStore = {
    ...inner,
    write: async (account, record, expected) => {
      if (down && record.refreshStartedAt === undefined) throw new Error('connection refused')
      return inner.write(account, record, expected)
    },
  }
  const fleet = createFleet(store)
  const [session] = await startSignedIn(fleet, 1)
  down = true
  await fleet.clock.advance(HOUR)
  await session.getTokens()
  await fleet.clock.advance(600_000)
  expect((await stored(fleet)).generation).toBe(1)
  down = false
  await fleet.clock.advance(2000)
  expect((await stored(fleet)).generation).toBe(2)
})

it('sends nothing while the store is down, and serves what is valid', async () => {
  const inner = memoryStore()
  let down = false
  const guard = async () => {
    if (down) throw new Error('connection refused')
  }
  const store: TokenStore = {
    read: async (account) => guard().then(() => inner.read(account)),
    write: async (account, record, expected) => guard().then(() => inner.write(account, record, expected)),
    lock: async (account, work, options) => guard().then(() => inner.lock(account, work, options)),
  }
  const fleet = createFleet(store)
  const [session] = await startSignedIn(fleet, 1)
  down = true
  const { accessToken } = await session.getTokens()
  await fleet.clock.advance(HOUR - 10_000)
  expect((await session.getTokens()).accessToken).toBe(accessToken)
  await fleet.clock.advance(20_000)
  expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(fleet.server.requests).toBe(0)
  expect(fleet.events[0]?.filter(({ name }) => name === 'store-degraded')).toHaveLength(1)
  down = false
  expect((await session.getTokens()).accessToken).not.toBe(accessToken)
  const proceeding = fleet.start({ onStoreFailure: 'proceed' })
  await proceeding.getTokens()
  down = true
  await fleet.clock.advance(HOUR)
  await proceeding.getTokens()
  expect(fleet.server.requests).toBe(2)
  down = false
  await fleet.clock.advance(60_000)
  expect((await stored(fleet)).generation).toBe(3)
})
