import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const REQUESTS = 100_000
const MEGABYTE = 2 ** 20

test('100,000 requests, 200 refreshes and one long-lived signal leave nothing behind', async () => {
  const program = fileURLToPath(new URL('./program.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', program, String(REQUESTS)])
  const { heaps, ...rest } = JSON.parse(stdout)
  expect(rest).toEqual({ answered: REQUESTS, refreshes: REQUESTS / 500, warnings: [], abortListeners: 0, timers: 0 })
  const [warm, , , , last] = heaps
  // After 20,000 requests everything is warm; the other 80,000 would show a leak of 20 bytes each.
  expect(last - warm).toBeLessThan(1.5 * MEGABYTE)
}, 120_000)
