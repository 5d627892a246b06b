import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { replaceText } from '../../../src/stores/file/replace-file.ts'
import { scratch } from './support/scratch.ts'

test('those who replace a file at the same time, without any lock, lose nothing of each other', async () => {
  const folder = await scratch()
  const path = join(folder, 'count')
  const raise = (text = '0') => String(Number(text) + 1)
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let done = 0; done < 10; ) {
        if (await replaceText(path, raise)) done++
        else await sleep(Math.random() * 20)
      }
    }),
  )
  expect(await readFile(path, 'utf8')).toBe('50')
  expect(await readdir(folder)).toEqual(['count'])
})
