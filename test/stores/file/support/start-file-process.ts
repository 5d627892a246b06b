import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { beforeAll, onTestFinished } from 'vitest'
import type { Orders } from './file-process.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

let program: string

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-program-'))
  program = join(folder, 'file-process.mjs')
  await build({
    entryPoints: [path('./file-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // What proper-lockfile depends on is CommonJS.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'error',
  })
  return () => rm(folder, { recursive: true })
})

/** A process with a file store of its own. */
export interface FileProcess {
  /** Settles when it says that it has begun. */
  readonly ready: Promise<void>
  /** Settles when it has ended: with an exit code, or by a signal. */
  readonly ended: Promise<number | string>
  kill(signal?: NodeJS.Signals): void
}

export function startFileProcess(orders: Orders): FileProcess {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    ready: once(child.stdout, 'data').then(() => {}),
    ended: once(child, 'exit').then(([code, signal]): number | string => code ?? signal),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
  }
}
