import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileStore } from 'axios-renew/file'
import { expect, test } from 'vitest'
import { withFileLock } from '../../../src/stores/file/with-file-lock.ts'
import { scratch } from './support/scratch.ts'

const HOUR = 3600_000
const record = { tokens: { accessToken: 'a1' }, generation: 1, lineage: 'one sign-in' }

async function dateTo(lock: string, time: number): Promise<void> {
  await utimes(lock, new Date(time), new Date(time))
}

test.each([
  ['long ago', -HOUR],
  ['in the future, since the clock was turned back', HOUR],
])('a lock of the file that a process left behind, dated %s, is taken over', async (_, shift) => {
  const path = join(await scratch(), 'tokens.json')
  await mkdir(`${path}.lock`)
  await dateTo(`${path}.lock`, Date.now() + shift)
  const started = performance.now()
  expect(await fileStore(path).write('seller', record, null)).toBeTruthy()
  expect(performance.now() - started).toBeLessThan(6000)
  expect(await readdir(join(path, '..'))).toEqual(['tokens.json'])
})

test('a lock whose holder lives is left to it, though the clock is turned back meanwhile', async () => {
  const path = join(await scratch(), 'tokens.json')
  const order: string[] = []
  const first = withFileLock(path, async () => {
    await dateTo(`${path}.lock`, Date.now() + HOUR)
    order.push('first begins')
    await sleep(500)
    order.push('first ends')
  })
  await sleep(100)
  await withFileLock(path, async () => order.push('second begins'))
  await first
  expect(order).toEqual(['first begins', 'first ends', 'second begins'])
})
