import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
/** What was once fetched is used again; `npm ci` takes it away with `node_modules`. */
const cache = join(root, 'node_modules/.cache/matrix')

/** Something that a run needs and cannot have: said loudly, and a failure of CI. */
export class NotAvailable extends Error {}

/**
 * Installs packages into a folder of the cache, unless they are there, and gives the folder.
 * Install scripts do not run: some download, and none is needed for what is used here.
 *
 * @param name of the folder.
 * @param specs what npm is to install; another list is another installation.
 * @throws NotAvailable with what npm said.
 */
export function installed(name, specs) {
  const folder = join(cache, name.replace(/[^\w.-]+/g, '-'))
  const done = join(folder, 'installed.json')
  const wanted = JSON.stringify(specs)
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const { ok, output } = run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...specs], {
    cwd: folder,
  })
  if (!ok) throw new NotAvailable(`npm could not install ${specs.join(', ')}: ${output.split('\n', 1)[0]}`)
  writeFileSync(done, wanted)
  return folder
}

/** Runs a program to its end; one that does not end in time is stopped, and has failed. */
export function run(program, args, { cwd = root, env = {}, timeoutMs = 600_000 } = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32' && program === 'npm',
  })
  const late = error?.code === 'ETIMEDOUT' ? `\nit did not end within ${timeoutMs / 1000} s\n` : ''
  const broken = error && !late ? `\n${error.message}\n` : ''
  return { ok: status === 0 && !signal, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}${late}${broken}` }
}

export function lastLines(text, count = 3) {
  return text.trim().split('\n').slice(-count).join(' | ')
}
