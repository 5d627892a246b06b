import { memoryStore, type Session } from 'axios-renew'
import { expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { createFleet, firstPair } from './fleet.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000
const DAY = 24 * HOUR

test('a sign-in elsewhere of which a refresh learns is told', async () => {
  const { store, fleet, session, clock } = await prepare()
  store.watchers = []
  const tokens = { accessToken: 'b', refreshToken: 's', expiresAt: clock.now() + HOUR }
  store.put({ lineage: 'elsewhere', generation: 1, tokens })
  const told = fleet.events[0]?.splice(0)
  expect(told?.map(({ name }) => name)).toEqual(['signed-in'])
  expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_SIGNED_OUT' })
  expect(fleet.events[0]).toMatchObject([{ name: 'signed-in', adopted: true }])
  expect((await session.getTokens()).accessToken).toBe('b')
})

test('each pair is told once in each process, however the news and the lock overtake each other', async () => {
  const inner = memoryStore()
  const fleet = createFleet({
    ...inner,
    async read(account) {
      await pause(random() < 0.5 ? 2 * random() : 0)
      return inner.read(account)
    },
  })
  const { server, clock, events } = fleet
  const pause = (ms: number) => new Promise<void>((resolve) => void (ms > 0 ? clock.setTimeout(resolve, ms) : resolve()))
  const refresh: typeof server.refresh = async (...given) => {
    await pause(3 * random())
    return server.refresh(...given)
  }
  const sessions: Session[] = [1, 2, 3].map(() => fleet.start({ refresh }))
  const first = sessions[0]?.signIn(firstPair(fleet))
  await clock.advance(10)
  await first
  for (const session of sessions) void session.getTokens()
  await clock.advance(10)
  for (let round = 1; round <= 200; round++) {
    for (const heard of events) heard.splice(0)
    const done = Promise.all(sessions.map((session) => session.refresh()))
    await clock.advance(2000)
    await done
    const told = events.map((heard) => heard.map((event) => event.name === 'refreshed' && event.adopted))
    expect(told.flat().sort(), `round ${round}`).toEqual([false, true, true])
    expect(told.map(({ length }) => length)).toEqual([1, 1, 1])
  }
  expect(server.requests).toBe(200)
})

/** A session that waits for the lock, and reads of a pair that somebody else has written. */
async function waitingForLock(expiresInMs: number) {
  const prepared = await prepare()
  const { store, fleet, session, clock } = prepared
  const release = store.take()
  void session.getTokens().catch(() => undefined)
  await settle()
  const reads: (() => void)[] = []
  store.before = (operation) => (operation === 'read' ? new Promise<void>((resolve) => reads.push(resolve)) : undefined)
  store.put({ generation: 2, tokens: { accessToken: 'b', refreshToken: 's', expiresAt: clock.now() + expiresInMs } })
  await settle()
  const told = () => fleet.events[0]?.filter(({ name }) => name === 'refreshed') ?? []
  return { ...prepared, release, reads, told }
}

test('a pair is told once when the lock is granted between its reading and its telling', async () => {
  for (let between = 0; between < 40; between++) {
    const { store, reads, release, told } = await waitingForLock(HOUR)
    store.before = () => undefined
    reads[0]?.()
    for (let step = 0; step < between; step++) await Promise.resolve()
    release()
    await settle()
    expect(told(), `the lock ${between} steps after the record`).toMatchObject([{ adopted: true }])
  }
})

test('a pair that is read when the lock is granted is told, though it has expired', async () => {
  const { server, reads, release, told } = await waitingForLock(0)
  server.hold = true
  release()
  await settle()
  for (const goOn of reads) goOn()
  await settle()
  expect(told()).toMatchObject([{ adopted: true }])
})

test('an end that was 24 h ago is lifted without a word', async () => {
  const fleet = createFleet()
  const { store, clock } = fleet
  const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: clock.now() + 30 * DAY }
  await store.write('default', { tokens, generation: 3, lineage: 'x', endedAt: clock.now() - DAY + 300 }, null)
  const session = fleet.start()
  await session.getTokens()
  expect(session.status).toBe('ended')
  fleet.events[0]?.splice(0)
  await clock.advance(1500)
  await session.getTokens()
  await clock.advance(0)
  expect([session.status, fleet.events[0]]).toEqual(['active', []])
})

/** The same numbers at each run. */
let seed = 1
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}
