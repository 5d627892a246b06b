import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundledProgram } from '../../../support/bundled-program.ts'
import { listenToProcess } from '../../../support/listen-to-process.ts'
import type { Orders } from './file-process.ts'

const program = bundledProgram(new URL('./file-process.ts', import.meta.url))

/** A process with a file store of its own. */
export interface FileProcess {
  /** Settles when it says that it has begun. */
  readonly ready: Promise<void>
  /** Settles when it has ended: with an exit code, or by a signal. */
  readonly ended: Promise<number | string>
  kill(signal?: NodeJS.Signals): void
}

export function startFileProcess(orders: Orders): FileProcess {
  const child = spawn(process.execPath, [program(), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] })
  listenToProcess(child)
  return {
    ready: once(child.stdout, 'data').then(() => {}),
    ended: once(child, 'exit').then(([code, signal]): number | string => code ?? signal),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
  }
}
