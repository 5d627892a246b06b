import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository: there tsx finds tsconfig.json, and with it the names by which users import. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a script did. */
export interface Run {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** A script that runs. */
export interface Script {
  readonly child: ChildProcess
  /** What it has printed so far. */
  readonly printed: Omit<Run, 'exitCode'>
  readonly ended: Promise<Run>
}

/** Starts a TypeScript file of the repository in a process of its own. */
export function startScript(file: string, args: string[] = [], env: Record<string, string> = {}): Script {
  // Node warns on stderr when both are set, as some CI systems do.
  const { FORCE_COLOR, NO_COLOR, ...environment } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: ROOT,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const ended = new Promise<Run>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, ...printed }))
  })
  return { child, printed, ended }
}

/** Runs a TypeScript file of the repository in a process of its own, to its end. */
export function runScript(file: string, args?: string[], env?: Record<string, string>): Promise<Run> {
  return startScript(file, args, env).ended
}
