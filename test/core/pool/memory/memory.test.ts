import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const IDLE = 10_000
const MANY = 200_000

test('an idle session takes 700 bytes at most, and 200,000 accounts no more memory than 50,000', async () => {
  const program = fileURLToPath(new URL('./program.ts', import.meta.url))
  const args = ['--expose-gc', '--import', 'tsx', program, String(IDLE), String(MANY)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { perSession, early, late } = JSON.parse(stdout)
  const megabytes = [early, late].map((heap) => (heap / 2 ** 20).toFixed(1))
  process.stdout.write(
    `      ${Math.round(perSession)} bytes an idle session; heap after 50,000 and 200,000 accounts: ${megabytes.join(' and ')} MB\n`,
  )
  expect(perSession).toBeLessThan(700)
  expect(late / early).toBeLessThan(1.1)
}, 120_000)
