import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './cache.mjs'

/** The programs, each a process of its own; the others in that folder are what they share. */
const PROGRAMS = ['entries.mjs', 'entries.cjs', 'clients.mjs', 'sessions.mjs', 'stores.mjs']
const SHARED = ['checks.cjs', 'token-server.mjs']
/** A program that has not ended by then hangs, or is kept alive by a timer. */
const TIMEOUT_MS = 60_000

/** Runs the smoke programs in one runtime; gives how many checks have passed, and what failed. */
export function smoke({ program, args }, folder) {
  const unknown = readdirSync(join(root, 'test/package/smoke'), { withFileTypes: true }).find(
    (file) => file.isFile() && ![...PROGRAMS, ...SHARED].includes(file.name),
  )
  if (unknown) throw new Error(`test/package/smoke/${unknown.name}: name it in scripts/matrix/smoke.mjs`)
  const results = PROGRAMS.map((name) => {
    const ended = run(program, [...args, join('src', name)], { cwd: folder, timeoutMs: TIMEOUT_MS })
    return judged(name, ended)
  })
  return { passed: results.reduce((sum, { passed }) => sum + passed, 0), failures: results.flatMap(({ failures }) => failures) }
}

/** What a program says of its checks, a line of JSON each. One that fails without a failed check has failed itself. */
export function judged(name, { ok, stdout, output }) {
  const checks = [...stdout.matchAll(/^\{"check":.*\}$/gm)].map(([line]) => JSON.parse(line))
  const failures = checks.filter((check) => !check.ok).map(({ check, why }) => `${name}: ${check}: ${why}`)
  if ((!ok && failures.length === 0) || checks.length === 0) failures.push(`${name}: ${output.slice(-2000)}`)
  return { passed: checks.filter((check) => check.ok).length, failures }
}
