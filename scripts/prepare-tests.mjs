/** Runs before `npm test`: gets what the tests need and npm does not bring, or says what to do about it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findProgram, REQUIREMENTS } from './requirements.mjs'

const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0

const missing = Object.entries(REQUIREMENTS).filter(([name]) => !findProgram(name))
if (canInstall && missing.length > 0) install(missing.map(([, { debianPackage }]) => debianPackage))

const stillMissing = missing.filter(([name]) => !findProgram(name))
for (const [name, { needed, advice }] of stillMissing) {
  console.error(`\n!!! ${name.toUpperCase()} IS MISSING. It is needed for ${needed}.\n!!! ${advice}\n!!! Without it they are left out.\n`)
}
// A green run of CI must mean that everything ran.
if (process.env.CI && stillMissing.length > 0) process.exitCode = 1

function install(packages) {
  console.log(`Installing ${packages.join(', ')} with apt-get: the tests need it (this takes a minute) ...`)
  apt('update')
  apt('install', '--yes', '--no-install-recommends', ...packages)
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr, error } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' })
  if (status !== 0) console.error(`apt-get ${args[0]} failed:\n${error ?? stdout + stderr}`)
}
