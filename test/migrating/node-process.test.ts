import { memoryStore } from 'axios-renew'
import { expect, test } from 'vitest'
import type { BackEnd, Pair } from './support/back-end.ts'
import { startBackEnd } from './support/back-end.ts'
import { Guide } from './support/guide.ts'
import { Browser } from './support/page.ts'
import { burst, oneByOne } from './support/scene.ts'

const guide = new Guide('hand-written')

/** Processes over one row. */
async function startRow() {
  const backEnd = await startBackEnd()
  const rows = new Map<string, object>([['shop', backEnd.signIn()]])
  const db = {
    read: async (account: string) => rows.get(account) ?? null,
    write: async (account: string, tokens: object | null) => void (tokens ? rows.set(account, tokens) : rows.delete(account)),
  }
  // What blocks of a process and of a page look at does not differ.
  const machine = new Browser(backEnd)
  return { backEnd, rows, start: (title: string) => machine.open(guide, title, { db }) }
}

const expire = ({ auth }: BackEnd) => auth.expire()

test.each(['server.ts, before', 'server.ts, step 1'])('%s: 20 requests with an expired token are one token request', async (title) => {
  const { backEnd, start } = await startRow()
  const { api } = await start(title)
  expire(backEnd)
  backEnd.refusals.gather(20)
  expect(await burst(api, 20)).toBe(20)
  expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
})

test.each([
  ['server.ts, before', 10],
  ['server.ts, step 1', 1],
])('%s: ten 401s that come one after another are %i token requests', async (title, tokenRequests) => {
  const { backEnd, start } = await startRow()
  const { api } = await start(title)
  expire(backEnd)
  await oneByOne({ backEnd } as Parameters<typeof oneByOne>[0], api, 10)
  expect(backEnd.auth.counters.tokenRequests).toBe(tokenRequests)
})

test.each([
  ['server.ts, before', 'server.ts, step 1'],
  ['server.ts, step 1', 'server.ts, before'],
])('a row that %s has written is good for a start of %s', async (from, to) => {
  const { backEnd, start } = await startRow()
  expire(backEnd)
  await (await start(from)).api.get('/me')
  expire(backEnd)
  expect((await (await start(to)).api.get('/me')).status).toBe(200)
  expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 2, reused: 0 })
})

test('an old process that keeps the pair in memory beside a new one: the grant is revoked', async () => {
  const { backEnd, start } = await startRow()
  const [old, young] = [await start('server.ts, before'), await start('server.ts, step 1')]
  expire(backEnd)
  await young.api.get('/me')
  await expect(old.api.get('/me')).rejects.toBeInstanceOf(Error)
  expect(backEnd.auth.counters).toMatchObject({ reused: 1, grantsRevoked: 1 })
})

test('two new processes, one after the other: the second takes what the first has written', async () => {
  const { backEnd, start } = await startRow()
  const processes = [await start('server.ts, step 1'), await start('server.ts, step 1')]
  for (const { api } of processes) await api.get('/me')
  expire(backEnd)
  for (const { api } of processes) expect((await api.get('/me')).status).toBe(200)
  expect(backEnd.auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
})

test('move.ts: moves rows without a token request, and leaves alone what has been moved', async () => {
  const { backEnd, rows } = await startRow()
  const store = memoryStore()
  const own = {
    store,
    refresh: () => Promise.reject(new Error('no token request is to be made')),
    db: { all: async () => [...rows].map(([account, tokens]) => ({ account, tokens })) },
  }
  const move = () => new Browser(backEnd).open(guide, 'move.ts', own)
  await move()
  const moved = await store.read('shop')
  expect(moved?.record.tokens).toMatchObject(rows.get('shop') as Pair)
  rows.set('shop', { accessToken: 'another', refreshToken: 'another' })
  await move()
  expect(await store.read('shop')).toEqual(moved)
  expect(backEnd.auth.counters.tokenRequests).toBe(0)
})
