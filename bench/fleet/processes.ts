import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { FromProcess, Order, Setup } from './protocol.ts'

/** A process of the fleet. */
export interface FleetProcess {
  /** Gives how many of the requests succeeded. */
  request(order: Order): Promise<number>
  end(): Promise<void>
}

/** The program of a process in one file, with the library as it is built: to compile it in each process would take longest. */
export async function bundleProgram(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-bench-'))
  const path = join(folder, 'process.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./process.ts', import.meta.url))],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    tsconfigRaw: '{}',
    alias: Object.fromEntries(
      ['postgres', 'redis', ''].map((entry) => [join('axios-renew', entry).replace(/\/$/, ''), resolve(`dist/${entry || 'index'}.mjs`)]),
    ),
    external: ['pg-native', 'pg-cloudflare'],
    // What some packages depend on is CommonJS.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'error',
  })
  return { path, remove: () => rm(folder, { recursive: true }) }
}

/** Starts one, and waits until it is connected. */
export async function startProcess(program: string, setup: Setup): Promise<FleetProcess> {
  const child = fork(program, [JSON.stringify(setup)], { execArgv: [] })
  const ended = once(child, 'exit')
  const died = ended.then(() => Promise.reject(new Error(`a process of the fleet has ended (${setup.way})`)))
  // Most end when nobody asks any more.
  died.catch(() => {})
  const next = async (): Promise<FromProcess> => (await Promise.race([once(child, 'message'), died]))[0]
  await next()
  return {
    async request(order) {
      const answer = next()
      child.send(order)
      const told = await answer
      return 'succeeded' in told ? told.succeeded : Number.NaN
    },
    async end() {
      child.disconnect()
      await ended
    },
  }
}
