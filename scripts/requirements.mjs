import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Programs that the tests need and npm does not bring.
 *
 * - `candidates`: gives paths, or names to look for on PATH; the first that is there is used.
 * - `debianPackage`: what brings it on Debian.
 * - `needed`: what it is for, and so what is left out without it.
 * - `advice`: how to get it elsewhere.
 */
export const REQUIREMENTS = {
  chromium: {
    candidates: () => [process.env.CHROMIUM, '/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
    needed: 'the tests in a real browser (vitest project "chromium")',
    advice: 'Install Chromium or Google Chrome, or set CHROMIUM to the path of one.',
  },
  redis: {
    candidates: () => [process.env.REDIS_SERVER, 'redis-server'],
    debianPackage: 'redis-server',
    needed: 'the tests of redisStore (test/stores/redis and the proofs in test/fleet)',
    advice: 'Install Redis 6 or newer, or set REDIS_SERVER to the path of redis-server. The tests start their own.',
  },
  postgres: {
    candidates: () => [process.env.POSTGRES, ...versionsOf('/usr/lib/postgresql', 'bin/postgres'), 'postgres'],
    debianPackage: 'postgresql',
    needed: 'the tests of postgresStore (test/stores/postgres and the proofs in test/fleet)',
    advice:
      'Install PostgreSQL 13 or newer, or set POSTGRES to the path of its postgres, beside initdb and pg_ctl. The tests start their own.',
  },
  pgbouncer: {
    candidates: () => [process.env.PGBOUNCER, '/usr/sbin/pgbouncer', 'pgbouncer'],
    debianPackage: 'pgbouncer',
    needed: 'the tests of postgresStore behind a transaction pooler',
    advice: 'Install PgBouncer, or set PGBOUNCER to the path of it. The tests start their own.',
  },
}

/** Debian keeps each version of PostgreSQL in a folder of its own, off PATH; the newest first. */
function versionsOf(folder, program) {
  try {
    return readdirSync(folder)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(folder, version, program))
  } catch {
    return []
  }
}

/** The path of a required program; `undefined` where it is missing. */
export function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return REQUIREMENTS[name]
    .candidates()
    .filter(Boolean)
    .flatMap((candidate) => (isAbsolute(candidate) ? candidate : folders.map((folder) => join(folder, candidate))))
    .find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
