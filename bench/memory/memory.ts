import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** How much heap accounts take, held in one way. */
export interface MemoryLane {
  name: string
  /** Bytes, at each number of accounts; `undefined` where it was not tried. */
  heap: readonly (number | undefined)[]
}

/** Heap by accounts. */
export interface Memory {
  accounts: readonly number[]
  /** Idle sessions that the pool keeps at most. */
  cap: number
  /** At most that many accounts of those who need an instance for each. */
  mostInstances: number
  lanes: readonly MemoryLane[]
  /** Of the pool, in bytes, where it is just full. */
  perIdleSession: number
}

const program = fileURLToPath(new URL('./program.ts', import.meta.url))

/** Measures each way in a process of its own. */
export async function measureMemory(quick: boolean): Promise<Memory> {
  const cap = quick ? 1000 : 10_000
  const accounts = quick ? [500, 1000, 3000] : [1000, 10_000, 50_000, 200_000]
  const mostInstances = quick ? 1000 : 50_000
  const few = accounts.filter((count) => count <= mostInstances)
  const pool = await heapsOf('pool', cap, accounts)
  const lanes = [
    { name: 'axios-renew', heap: pool },
    { name: 'hand-written map of all tokens', heap: await heapsOf('map', cap, accounts) },
    { name: 'axios-auth-refresh, an instance an account', heap: await heapsOf('instances', cap, few) },
  ]
  const perIdleSession = (pool[accounts.indexOf(cap)] ?? Number.NaN) / cap
  return { accounts, cap, mostInstances, lanes, perIdleSession }
}

async function heapsOf(way: string, cap: number, accounts: readonly number[]): Promise<number[]> {
  process.stderr.write(`Memory: ${way} ...\n`)
  const args = ['--expose-gc', '--max-old-space-size=3000', '--import', 'tsx', program, way, String(cap), ...accounts.map(String)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}
