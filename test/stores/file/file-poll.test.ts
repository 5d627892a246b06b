import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { filePoll } from '../../../src/stores/file/file-poll.ts'
import { scratch } from './support/scratch.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

async function polled(onChange: () => Promise<void>) {
  const path = join(await scratch(), 'tokens.json')
  const poll = filePoll(path, onChange)
  poll.start()
  await writeFile(path, 'news')
  const looks = (count: number) => vi.advanceTimersByTimeAsync(200 * count)
  return { poll, looks }
}

test('a change that could not be read is told again, until it was', async () => {
  const onChange = vi.fn(async () => {})
  onChange.mockRejectedValueOnce(new Error('too many open files')).mockRejectedValueOnce(new Error('too many open files'))
  const { poll, looks } = await polled(onChange)
  await looks(10)
  expect(onChange).toHaveBeenCalledTimes(3)
  poll.stop()
})

test('while a change is read it is not told again', async () => {
  let goOn = () => {}
  const onChange = vi.fn(() => new Promise<void>((resolve) => (goOn = resolve)))
  const { poll, looks } = await polled(onChange)
  await looks(10)
  expect(onChange).toHaveBeenCalledTimes(1)
  goOn()
  await looks(10)
  expect(onChange).toHaveBeenCalledTimes(1)
  poll.stop()
})
