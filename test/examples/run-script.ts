import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expectNoToken } from '../support/canary.ts'

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

/** Starts a TypeScript file of the repository in a process of its own; `ended` rejects if it has printed a token. */
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
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).then((exitCode) => {
    expectNoToken(printed, `what ${file} printed`)
    return { exitCode, ...printed }
  })
  return { child, printed, ended }
}

/** Runs a TypeScript file of the repository in a process of its own, to its end. */
export function runScript(file: string, args?: string[], env?: Record<string, string>): Promise<Run> {
  return startScript(file, args, env).ended
}

/** Whether there is no pseudo terminal to run scripts in, for `test.skipIf`; in CI that is a failure. */
export function noTerminal(): boolean {
  // That of the BSDs knows neither -e nor -c.
  if (String(spawnSync('script', ['--version']).stdout).includes('util-linux')) return false
  const message = "No `script` of util-linux (Debian: bsdutils), which runs a program in a pseudo terminal: a person's view is not tested"
  if (process.env.CI) throw new Error(message)
  console.warn(`!!! ${message}`)
  return true
}

/**
 * Runs a TypeScript file of the repository as a person does, in a terminal with so many columns: what it `shows` is all
 * that it printed, in order, with the `\r\n` of a terminal.
 */
export async function runInTerminal(
  file: string,
  columns: number,
  env: Record<string, string>,
): Promise<{ exitCode: number | null; shows: string }> {
  const command = `stty cols ${columns} && exec '${process.execPath}' --import tsx '${file}'`
  const { FORCE_COLOR, NO_COLOR, ...environment } = process.env
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: ROOT,
    env: { ...environment, ...env, SHELL: '/bin/sh' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shows = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shows += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, shows }))
  })
}
