import { webStore } from 'axios-renew/browser'
import { afterEach, expect, test, vi } from 'vitest'
import type { SessionRecord } from '../../src/core/store/token-store.ts'

const RECORD: SessionRecord = { tokens: { accessToken: 'access-1', refreshToken: 'refresh-1' }, generation: 1, lineage: 'x' }
const NOW = { waitMs: 0, signal: new AbortController().signal }
let names = 0
const freshName = () => `blocked-${++names}`

afterEach(() => vi.restoreAllMocks())

/** What `indexedDB.open` throws, attempt by attempt. */
function opening(...errors: Error[]) {
  const open = vi.spyOn(indexedDB, 'open')
  for (const error of errors)
    open.mockImplementationOnce(() => {
      throw error
    })
  return open
}

test('falls back to memory where storage is blocked, and says so once', async () => {
  const cause = new DOMException('denied', 'SecurityError')
  opening(cause, cause)
  const store = webStore(freshName())
  const [early, late, stopped, changed] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  store.onDegraded?.(early)
  store.onDegraded?.(stopped)()
  store.watch?.('default', changed)
  const version = await store.write('default', RECORD, null)
  expect(await store.read('default')).toEqual({ record: RECORD, version })
  expect(await store.lock('default', async () => 'done', NOW)).toBe('done')
  await vi.waitFor(() => expect(changed).toHaveBeenCalled())
  store.onDegraded?.(late)
  for (const listener of [early, late]) expect(listener.mock.calls).toEqual([[expect.objectContaining({ name: 'Error', cause })]])
  expect(stopped).not.toHaveBeenCalled()
})

test.each([
  ['blocked cookies in Firefox and Safari', new DOMException('The operation is insecure.', 'SecurityError')],
  ['a private window of Firefox', new DOMException('A mutation operation was attempted on a database that ...', 'InvalidStateError')],
  ['blocked cookies in Chromium', new DOMException('The user denied permission to access the database.', 'UnknownError')],
])('falls back to memory for %s', async (_, cause) => {
  opening(cause, cause)
  const store = webStore(freshName())
  const degraded = vi.fn()
  store.onDegraded?.(degraded)
  await store.write('default', RECORD, null)
  expect((await store.read('default'))?.record).toEqual(RECORD)
  expect(degraded).toHaveBeenCalledOnce()
})

test('falls back to memory where there is no IndexedDB', async () => {
  vi.spyOn(globalThis, 'indexedDB', 'get').mockReturnValue(null as never)
  const store = webStore(freshName())
  const version = await store.write('default', RECORD, null)
  expect(await store.read('default')).toEqual({ record: RECORD, version })
})

test('tries once again when the disk has trouble at first', async () => {
  const name = freshName()
  await webStore(name).write('default', RECORD, null)
  opening(new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError'))
  expect((await webStore(name).read('default'))?.record).toEqual(RECORD)
})

test.each(['UnknownError', 'QuotaExceededError', 'AbortError'])(
  'does not take trouble with the disk (%s) for blocked storage',
  async (error) => {
    const name = freshName()
    await webStore(name).write('default', RECORD, null)
    const cause = new DOMException('Internal error opening backing store for indexedDB.open.', error)
    const open = opening(cause, cause)
    const store = webStore(name)
    const degraded = vi.fn()
    store.onDegraded?.(degraded)
    await expect(store.read('default')).rejects.toMatchObject({ name: 'Error', cause })
    expect(open).toHaveBeenCalledTimes(2)
    expect((await store.read('default'))?.record).toEqual(RECORD)
    expect(degraded).not.toHaveBeenCalled()
  },
)
