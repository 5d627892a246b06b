import { webStore } from 'axios-renew/browser'
import { expect, test } from 'vitest'

const LEASE_MS = 1000
let names = 0
const freshName = () => `leases-${++names}`

test('a lease that is over passes on', async () => {
  const { lock } = await storeWithLease({ since: Date.now() })
  expect(await lock(8000)).toBe('done')
})

test.each([
  ['forward, or a laptop woke up', -3_600_000],
  ['back', 3_600_000],
])('a lease is not over because the clock was set %s', async (_, jump) => {
  const { lock, renew } = await storeWithLease({ since: Date.now() + jump })
  await expect(lock(0)).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
  await expect(lock(LEASE_MS / 4)).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
  await renew()
  await expect(lock(LEASE_MS / 4)).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
})

test('a holder that nobody heard of since the clock was set back is not waited for until the clock is there again', async () => {
  const { lock } = await storeWithLease({ since: Date.now() + 3_600_000 })
  expect(await lock(8000)).toBe('done')
})

test('the lease of a frame that is closed passes on at once', async () => {
  const { name, lock } = await storeWithLease({ since: Date.now(), leaseMs: 3_600_000, seen: true })
  const frame = document.createElement('iframe')
  document.body.append(frame)
  await new Promise<void>((resolve) => {
    void frame.contentWindow?.navigator.locks.request(`axios-renew:${name}:somebody`, () => {
      resolve()
      return new Promise(() => {})
    })
  })
  await expect(lock(0)).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
  const locked = lock(5000)
  frame.remove()
  expect(await locked).toBe('done')
})

test('a lease whose holder is already gone passes on at once', async () => {
  const { lock } = await storeWithLease({ since: Date.now(), leaseMs: 3_600_000, seen: true })
  expect(await lock(0)).toBe('done')
})

/** A store whose lock somebody else has, without renewing it. */
async function storeWithLease(given: { since: number; leaseMs?: number; seen?: boolean }) {
  const name = freshName()
  const store = webStore(name)
  await store.read('default')
  const lease = { owner: 'somebody', leaseMs: LEASE_MS, seen: false, ...given }
  await put(name, lease)
  return {
    name,
    lock: (waitMs: number) => store.lock('default', async () => 'done', { waitMs, signal: new AbortController().signal }),
    renew: () => put(name, { ...lease, since: Date.now() }),
  }
}

async function put(name: string, lease: object): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
  })
  await new Promise((resolve) => {
    const transaction = database.transaction('leases', 'readwrite')
    transaction.objectStore('leases').put(lease, 'default')
    transaction.oncomplete = resolve
  })
  database.close()
}
