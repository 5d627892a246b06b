import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startMishapsServer } from './mishaps-server.ts'

const REQUESTS = 100_000
const MISHAPS = 10_000
const MEGABYTE = 2 ** 20

async function run(program: URL, ...args: unknown[]) {
  const path = fileURLToPath(program)
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', path, ...args.map(String)])
  return JSON.parse(stdout)
}

test('100,000 requests, 200 refreshes and one long-lived signal leave nothing behind', async () => {
  const { heaps, ...rest } = await run(new URL('./program.ts', import.meta.url), REQUESTS)
  expect(rest).toEqual({ answered: REQUESTS, refreshes: REQUESTS / 500, warnings: [], abortListeners: 0, timers: 0 })
  const [warm, , , , last] = heaps
  // After 20,000 requests everything is warm; the other 80,000 would show a leak of 20 bytes each.
  expect(last - warm).toBeLessThan(1.5 * MEGABYTE)
}, 120_000)

test('10,000 requests over real connections leave nothing behind, when refreshes fail and callers leave', async () => {
  const server = await startMishapsServer()
  onTestFinished(() => server.close())
  const { outcomes, looks, ...rest } = await run(new URL('./mishaps-program.ts', import.meta.url), server.url, MISHAPS)
  expect(rest).toEqual({ warnings: [], timers: 0 })
  const { answered, refused, aborted, late, other } = outcomes
  expect(other).toBe(0)
  expect(answered + refused + aborted + late).toBe(MISHAPS)
  expect(Math.min(answered, refused, aborted, late), JSON.stringify(outcomes)).toBeGreaterThan(MISHAPS / 50)
  const { answered: renewed, ...failed } = server.tokenRequests
  expect(Math.min(renewed, ...Object.values(failed))).toBeGreaterThan(5)

  // An idle connection is none that keeps the machine awake: what is `open` is held by somebody.
  for (const look of looks) expect(look).toMatchObject({ timers: 0, busy: 0, open: 0, abortListeners: 0 })
  const [first, warm, , , last] = looks
  for (const { idle, socketListeners } of looks) {
    expect(idle).toBeLessThanOrEqual(20)
    expect(socketListeners).toBeLessThanOrEqual(first.socketListeners)
  }
  // After 4,000 requests everything is warm; the other 6,000 would show a leak of 200 bytes each.
  expect(last.heap - warm.heap).toBeLessThan(1.2 * MEGABYTE)
}, 240_000)
