import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileStore } from 'axios-renew/file'
import { afterEach, expect, test, vi } from 'vitest'
import { scratch } from './support/scratch.ts'
import { type FileProcess, startFileProcess } from './support/start-file-process.ts'

const HOUR = 3600_000
const signal = new AbortController().signal
const once = { waitMs: 0, signal }
const BUSY = { code: 'ERR_LOCK_TIMEOUT' }
/** Of a process that is gone. */
const gonePid = spawnSync(process.execPath, ['--version']).pid

afterEach(() => void vi.restoreAllMocks())

/** A store in whose file stands somebody's lease. */
async function withLease(lease: { pid: number; age: number; leaseMs?: number }) {
  const path = join(await scratch(), 'tokens.json')
  const { pid, age, leaseMs = 1_000 } = lease
  const accounts = { seller: { owner: 'somebody', pid, since: Date.now() - age, leaseMs } }
  await writeFile(`${path}.leases`, JSON.stringify({ format: 'axios-renew leases 1', accounts }))
  return { store: fileStore(path), stored: async () => JSON.parse(await readFile(`${path}.leases`, 'utf8')).accounts }
}

test('a lease of a process that is gone is free when it is over, and not before', async () => {
  const early = await withLease({ pid: gonePid, age: 500, leaseMs: HOUR })
  await expect(early.store.lock('seller', async () => 'in', once)).rejects.toMatchObject(BUSY)
  const late = await withLease({ pid: gonePid, age: 1_001 })
  expect(await late.store.lock('seller', async () => 'in', once)).toBe('in')
})

test('a lease that lies in the future, since the clock was turned back, is over', async () => {
  const { store } = await withLease({ pid: gonePid, age: -HOUR })
  expect(await store.lock('seller', async () => 'in', once)).toBe('in')
})

test.each([HOUR, -HOUR])('a lease of a process that lives is not free because the clock was turned by %s ms', async (age) => {
  const { store } = await withLease({ pid: process.pid, age })
  for (let attempt = 1; attempt <= 5; attempt++) await expect(store.lock('seller', async () => 'in', once)).rejects.toMatchObject(BUSY)
})

test('a lease that nobody renews is free when it was watched for half of its length', async () => {
  const { store } = await withLease({ pid: process.pid, age: HOUR, leaseMs: 1_000 })
  const started = performance.now()
  expect(await store.lock('seller', async () => 'in', { waitMs: 10_000, signal })).toBe('in')
  expect(performance.now() - started).toBeGreaterThanOrEqual(500)
})

test('leases that are over are cleared away, but for those of processes that live', async () => {
  const gone = await withLease({ pid: gonePid, age: HOUR })
  await gone.store.lock('another', async () => 'in', once)
  expect(Object.keys(await gone.stored())).toEqual([])
  const alive = await withLease({ pid: process.pid, age: HOUR })
  await alive.store.lock('another', async () => 'in', once)
  expect(Object.keys(await alive.stored())).toEqual(['seller'])
})

test('a clock that is put forward lets nobody in beside the holder, who goes on to renew', async () => {
  const path = join(await scratch(), 'tokens.json')
  // Long enough for a disk that is slow to renew it: half of it in silence is the end of it.
  const options = { leaseMs: 4_500 }
  const [store, other] = [fileStore(path, options), fileStore(path, options)]
  const real = Date.now
  await store.lock(
    'seller',
    async (lease) => {
      vi.spyOn(Date, 'now').mockImplementation(() => real() + HOUR)
      await expect(other.lock('seller', async () => 'in', { waitMs: 6_000, signal })).rejects.toMatchObject(BUSY)
      expect(lease.signal.aborted).toBe(false)
    },
    once,
  )
  expect(await other.lock('seller', async () => 'in', once)).toBe('in')
})

test('the lease of a holder that is stopped passes on within one and a half of it', async () => {
  const path = join(await scratch(), 'tokens.json')
  const leaseMs = 2_000
  const holder = startFileProcess({ path, task: 'hold until killed', leaseMs })
  await holder.ready
  const locked = fileStore(path, { leaseMs }).lock('seller', async () => performance.now(), { waitMs: 15_000, signal })
  await stop(holder, path)
  const stopped = performance.now()
  expect((await locked) - stopped).toBeLessThan(1.5 * leaseMs)
})

/** Stops it while it does not write: the lock of the file itself is another matter. */
async function stop(holder: FileProcess, path: string): Promise<void> {
  for (;;) {
    holder.kill('SIGSTOP')
    await sleep(50)
    if (!existsSync(`${path}.leases.lock`)) return
    holder.kill('SIGCONT')
    await sleep(50)
  }
}
