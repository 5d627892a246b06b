import { createSession, createSessionPool } from 'axios-renew'
import { webStore } from 'axios-renew/browser'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionRecord } from '../../src/core/store/token-store.ts'
import { createWebStore } from '../../src/stores/web/create-web-store.ts'

const RECORD: SessionRecord = { tokens: { accessToken: 'access-1', refreshToken: 'refresh-1' }, generation: 1, lineage: 'x' }
let names = 0
const freshName = () => `database-${++names}`

afterEach(() => vi.restoreAllMocks())

test('waits until a record is on disk', async () => {
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
  await webStore(freshName()).write('default', RECORD, null)
  expect(transaction.mock.calls).toEqual([['records', 'readwrite', { durability: 'strict' }]])
})

test('goes on after the database was deleted, with versions that were never used', async () => {
  const name = freshName()
  const store = webStore(name)
  const before = await store.write('default', RECORD, null)
  await settled(indexedDB.deleteDatabase(name))
  expect(await store.read('default')).toBe(null)
  expect(await store.write('default', RECORD, before)).toBe(null)
  const after = await store.write('default', RECORD, null)
  expect(after).toBeTypeOf('string')
  expect(after).not.toBe(before)
})

test('goes on when the connection was closed under it', async () => {
  const store = webStore(freshName())
  await store.write('default', RECORD, null)
  const real = IDBDatabase.prototype.transaction
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(function (this: IDBDatabase, ...given) {
    this.close()
    return real.apply(this, given)
  })
  expect((await store.read('default'))?.record).toEqual(RECORD)
})

test('opens the database anew when the browser has forgotten about the first attempt', async () => {
  const forgotten = { onsuccess: () => {}, result: { objectStoreNames: { contains: () => true }, close: vi.fn() } }
  const open = vi.spyOn(indexedDB, 'open').mockReturnValueOnce(forgotten as unknown as IDBOpenDBRequest)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const store = webStore(freshName())
  const reading = store.read('default')
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()
  expect(await reading).toBe(null)
  expect(open).toHaveBeenCalledTimes(2)
  expect(await store.write('default', RECORD, null)).toBeTypeOf('string')
  // It comes at last: an open connection would keep the page out of the back/forward cache.
  forgotten.onsuccess()
  await vi.waitFor(() => expect(forgotten.result.close).toHaveBeenCalledOnce())
  expect((await store.read('default'))?.record).toEqual(RECORD)
})

test.each([
  ['a row', 'text'],
  ['a row without a record', { version: '1' }],
  ['a record', { version: '1', record: { tokens: 'secret', generation: 1, lineage: 'x' } }],
])('neither understands nor writes over %s of another kind', async (_, row) => {
  const name = freshName()
  const store = webStore(name)
  await store.read('default')
  await put(name, 'records', 'default', row)
  const refusal = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE', message: expect.not.stringContaining('secret') }
  await expect(store.read('default')).rejects.toMatchObject(refusal)
  for (const expected of [null, '1']) await expect(store.write('default', RECORD, expected)).rejects.toMatchObject(refusal)
  expect(await store.write('another', RECORD, null)).toBeTypeOf('string')
})

test('tells of a row that it does not understand by renewDue, which renews the others', async () => {
  const name = freshName()
  const store = webStore(name)
  await store.write('2', { ...RECORD, tokens: { accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: 1 } }, null)
  await put(name, 'records', '1', 'text')
  await put(name, 'records', '3', { version: '1', record: null })
  const pool = createSessionPool({ store, refresh: async () => ({ accessToken: 'access-2', expires_in: 3600 }) })
  const { renewed, failed } = await pool.renewDue({ withinMs: 0 })
  expect(renewed).toBe(1)
  expect(failed.map(({ account, error }) => [account, error.code])).toEqual([
    ['1', 'ERR_STORE_UNAVAILABLE'],
    ['3', 'ERR_STORE_UNAVAILABLE'],
  ])
  await pool.close()
})

test.each([
  ['another layout', 7],
  ['another program', 1],
])('does not take a database of %s for blocked storage', async (_, layout) => {
  const name = freshName()
  const request = indexedDB.open(name, layout)
  request.onupgradeneeded = () => void request.result.createObjectStore('things')
  ;(await settled(request)).close()
  const store = webStore(name)
  const degraded = vi.fn()
  store.onDegraded?.(degraded)
  await expect(store.read('default')).rejects.toMatchObject({ name: 'Error', cause: { name: 'VersionError' } })
  expect(degraded).not.toHaveBeenCalled()
})

test('does not hide what is stored behind an empty memory when the database fails later', async () => {
  const store = webStore(freshName())
  const degraded = vi.fn()
  store.onDegraded?.(degraded)
  await store.write('default', RECORD, null)
  dispatchEvent(new PageTransitionEvent('pagehide'))
  const cause = new DOMException('disk trouble', 'UnknownError')
  const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw cause
  })
  await expect(store.read('default')).rejects.toMatchObject({ name: 'Error', cause })
  open.mockRestore()
  expect((await store.read('default'))?.record).toEqual(RECORD)
  expect(degraded).not.toHaveBeenCalled()
})

test('tells other pages the account and the version, and no more', async () => {
  const name = freshName()
  const channel = new BroadcastChannel(`axios-renew:${name}`)
  const heard: unknown[] = []
  channel.onmessage = ({ data }) => heard.push(data)
  const store = webStore(name)
  const intent = await store.write('default', { ...RECORD, refreshStartedAt: 1 }, null)
  const version = await store.write('default', RECORD, intent)
  await vi.waitFor(() => expect(heard).toHaveLength(1))
  expect(heard).toEqual([{ account: 'default', version }])
  channel.close()
})

test.each([
  ['the page is shown again', () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))],
  ['the tab is looked at', () => document.dispatchEvent(new Event('visibilitychange'))],
  ['the page is no longer frozen', () => document.dispatchEvent(new Event('resume'))],
])('lets those who watch look when %s', async (_, happen) => {
  const store = webStore(freshName())
  const changed = vi.fn()
  const stop = store.watch?.('default', changed)
  happen()
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce())
  stop?.()
  happen()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(changed).toHaveBeenCalledOnce()
})

test.each([
  ['in a tab that is looked at', 'visible', 'signed-out'],
  ['not in one that is hidden, which looks when it is shown', 'hidden', 'active'],
] as const)('a sign-out is found that its tab did not live to tell, %s', async (_, visibility, status) => {
  const name = freshName()
  const session = createSession({ store: createWebStore(name, { netMs: 50 }), refresh: () => null })
  await session.signIn({ accessToken: 'access-1', expires_in: 3600 })
  const dying = createSession({ store: webStore(name), refresh: () => null })
  await dying.getTokens()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
  vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {})
  await dying.signOut()
  await new Promise((resolve) => setTimeout(resolve, 250))
  await vi.waitFor(() => expect(session.status).toBe(status))
  await Promise.all([session.close(), dying.close()])
})

/** Writes past the store. */
async function put(name: string, table: string, key: string, row: unknown): Promise<void> {
  const database = await settled(indexedDB.open(name))
  await settled(database.transaction(table, 'readwrite').objectStore(table).put(row, key))
  database.close()
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
