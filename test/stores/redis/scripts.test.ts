import { afterEach, expect, test, vi } from 'vitest'
import { scriptsOf } from '../../../src/stores/redis/scripts.ts'

afterEach(() => void vi.restoreAllMocks())

test('the name of a script is worked out again, should that have failed once', async () => {
  const digest = vi.spyOn(crypto.subtle, 'digest').mockRejectedValueOnce(new DOMException('out of memory', 'OperationError'))
  const scripts = scriptsOf(async () => 1)
  await expect(scripts.take('key', 'owner', '1000')).rejects.toThrow('out of memory')
  expect(await scripts.take('key', 'owner', '1000')).toBe(true)
  expect(await scripts.take('key', 'owner', '1000')).toBe(true)
  expect(digest).toHaveBeenCalledTimes(2)
})
