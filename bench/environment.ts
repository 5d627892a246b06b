import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../scripts/requirements.mjs'

/** Where a run took place. */
export interface Environment {
  /** ISO 8601. */
  date: string
  quick: boolean
  node: string
  platform: string
  cpu: string
  cores: number
  memoryGB: number
  /** Of all that took part, by name. */
  versions: Readonly<Record<string, string>>
}

const PACKAGES = ['axios', 'axios-auth-refresh', 'axios-auth-refresh-queue', 'axios-jwt', 'esbuild', 'redis', 'pg', 'oidc-provider']

/** Tells where this process runs, without a name or a path of the machine. */
export async function readEnvironment(quick: boolean): Promise<Environment> {
  const cores = cpus()
  const ours: string = JSON.parse(readFileSync('package.json', 'utf8')).version
  const servers = { 'Redis (server)': await serverVersion('redis'), 'PostgreSQL (server)': await serverVersion('postgres') }
  return {
    date: new Date().toISOString(),
    quick,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    versions: { 'axios-renew': ours, ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])), ...servers },
  }
}

/** Not every package exports its package.json. */
function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  const folder = require.resolve.paths(name)?.find((path) => exists(join(path, name)))
  return JSON.parse(readFileSync(join(folder ?? '', name, 'package.json'), 'utf8')).version
}

function exists(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'package.json')).length > 0
  } catch {
    return false
  }
}

async function serverVersion(name: 'redis' | 'postgres'): Promise<string> {
  const program = findProgram(name)
  if (!program) return 'missing'
  const { stdout } = await promisify(execFile)(program, ['--version'], { cwd: dirname(program) })
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown'
}
