import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository: there tsx finds tsconfig.json, and with it the names by which users import. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a script did. */
export interface Run {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs a TypeScript file of the repository in a process of its own, to its end. */
export function runScript(file: string, args: string[] = []): Promise<Run> {
  // Node warns on stderr when both are set, as some CI systems do.
  const { FORCE_COLOR, NO_COLOR, ...environment } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const run: Run = { exitCode: null, stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        run[name] += text
      })
    }
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ ...run, exitCode }))
  })
}
