import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileStore } from 'axios-renew/file'
import { describe, expect, test } from 'vitest'
import { scratch } from './support/scratch.ts'
import { startFileProcess } from './support/start-file-process.ts'

const signal = new AbortController().signal
const record = (generation: number) => ({ tokens: { accessToken: 'some token' }, generation, lineage: 'one sign-in' })

describe('two processes over one file', () => {
  test.each(['count under the lock', 'count by compare-and-swap'] as const)('%s and lose none of 2 x 50', async (task) => {
    const path = join(await scratch(), 'tokens.json')
    const processes = [1, 2].map(() => startFileProcess({ path, task, times: 50 }))
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0])
    expect((await fileStore(path).read('counter'))?.record.generation).toBe(100)
  })

  test('give way: a lease of a killed holder ends after leaseMs', async () => {
    const path = join(await scratch(), 'tokens.json')
    const holder = startFileProcess({ path, task: 'hold until killed', leaseMs: 1_500 })
    await holder.ready
    const store = fileStore(path, { leaseMs: 1_500 })
    // Longer than a lease: it lives, so it renews.
    await expect(store.lock('seller', async () => 'taken', { waitMs: 2_000, signal })).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
    holder.kill()
    await holder.ended
    expect(await store.lock('seller', async () => 'taken', { waitMs: 8_000, signal })).toBe('taken')
  })
})

describe('a process that is killed', () => {
  test('in the middle of writing never leaves a file that cannot be read, nor blocks the others', async () => {
    const folder = await scratch()
    const path = join(folder, 'tokens.json')
    const survivor = fileStore(path)
    let version: string | null = null
    const generations: number[] = []
    for (let round = 1; round <= 5; round++) {
      const processes = [1, 2].map(() => startFileProcess({ path, task: 'write until killed' }))
      await Promise.all(processes.map(({ ready }) => ready))
      await sleep(10 + Math.random() * 60)
      for (const { kill } of processes) kill()
      await Promise.all(processes.map(({ ended }) => ended))
      // A new one each time, as a tool that is started again.
      const reader = fileStore(path)
      expect(await survivor.read('survivor')).toEqual(version && { record: record(round - 1), version })
      version = await reader.write('survivor', record(round), version)
      expect(version).not.toBeNull()
      generations.push(
        ...(await Promise.all(
          Array.from({ length: 20 }, async (_, index) => (await reader.read(`account ${index}`))?.record.generation ?? 0),
        )),
      )
    }
    expect(Math.max(...generations)).toBeGreaterThan(1)
    // What was left half done has been cleared away.
    expect((await readdir(folder)).filter((name) => name !== 'tokens.json')).toEqual([])
  }, 60_000)

  test('leaves a lock that is taken over', async () => {
    const path = join(await scratch(), 'tokens.json')
    await mkdir(`${path}.lock`)
    const store = fileStore(path)
    const started = Date.now()
    expect(await store.write('seller', record(1), null)).not.toBeNull()
    // It was made a moment ago: it could have been somebody's who lives.
    expect(Date.now() - started).toBeGreaterThan(1_000)
  })

  test('long ago leaves a lock that nobody waits for', async () => {
    const path = join(await scratch(), 'tokens.json')
    await mkdir(`${path}.lock`)
    await utimes(`${path}.lock`, new Date(0), new Date(0))
    const stores = Array.from({ length: 5 }, () => fileStore(path))
    const started = Date.now()
    const versions = await Promise.all(stores.map((store, index) => store.write(`seller ${index}`, record(index), null)))
    expect(versions).not.toContain(null)
    for (const index of stores.keys()) expect((await stores[0]?.read(`seller ${index}`))?.record).toEqual(record(index))
    expect(Date.now() - started).toBeLessThan(1_500)
  })
})

describe('a process that sleeps', () => {
  test('while it writes does not write over what came after it woke up', async () => {
    const path = join(await scratch(), 'tokens.json')
    const store = fileStore(path)
    for (let round = 0; round < 4; round++) {
      const sleeper = startFileProcess({ path, task: 'write until killed' })
      await sleeper.ready
      await sleep(20 + Math.random() * 30)
      sleeper.kill('SIGSTOP')
      const before = await store.read('seller')
      const generation = (before?.record.generation ?? 0) + 1
      const version = await store.write('seller', record(generation), before?.version ?? null)
      sleeper.kill('SIGCONT')
      await sleep(100)
      expect(await store.read('seller')).toEqual({ record: record(generation), version })
      sleeper.kill()
      await sleeper.ended
    }
  })
})

test('watching keeps no process alive', async () => {
  const path = join(await scratch(), 'tokens.json')
  expect(await startFileProcess({ path, task: 'watch, and end' }).ended).toBe(0)
})
