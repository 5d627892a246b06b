import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type * as Library from '../src/index.ts'
import { axiosAuthRefresh, axiosAuthRefreshUndeduplicated } from './contestants/axios-auth-refresh.ts'
import { axiosAuthRefreshQueue } from './contestants/axios-auth-refresh-queue.ts'
import { axiosRenew } from './contestants/axios-renew.ts'
import { bareAxios } from './contestants/bare-axios.ts'
import { headerInterceptor } from './contestants/header-interceptor.ts'
import { sharedPromise } from './contestants/shared-promise.ts'
import { type Lane, race } from './measure.ts'
import { burst, sequence } from './races.ts'
import { conclude, type RaceReport } from './report.ts'
import { toText } from './table.ts'

const { values: options } = parseArgs({
  options: {
    /** Print JSON. */
    json: { type: 'boolean', default: false },
    /** Small numbers, for a look whether all of it works. */
    quick: { type: 'boolean', default: false },
    /** Exit with 1 when a bar is missed. */
    assert: { type: 'boolean', default: false },
    /** Another build of this library. */
    library: { type: 'string', default: 'dist/index.mjs' },
  },
})

// The built code: under tsx the sources would be another program, with every closure named.
const ours = axiosRenew((await import(pathToFileURL(resolve(options.library)).href)) as typeof Library)
const peers = [axiosAuthRefresh, axiosAuthRefreshUndeduplicated, axiosAuthRefreshQueue]
const { quick } = options

/** Numbers for a real run, and for a quick one. */
const pick = (full: number, small: number) => (quick ? small : full)

/** Runs one race: this library in the first lane, what it is compared with in the second. */
async function run(course: Omit<RaceReport, 'results' | 'reference'>, lanes: Lane[], rounds: number, warmUp: number): Promise<RaceReport> {
  const reference = lanes[1]?.name ?? ''
  process.stderr.write(`${course.title} ...\n`)
  return { ...course, reference, results: await race(lanes, rounds, warmUp, reference) }
}

/** Short turns, and many: what else this machine does then hits neighbours alike. */
async function fastPath(): Promise<RaceReport> {
  const requests = 500
  const lanes = [ours, headerInterceptor, bareAxios].map((contestant) => sequence(contestant, requests))
  const title = `Valid token: ${requests} requests one after another (succeeded: sent with a good token)`
  return run({ title, requests, refreshes: 0, bar: 1.08 }, lanes, pick(150, 3), pick(15, 1))
}

async function bursts(requests: number, rounds: number, bar?: number): Promise<RaceReport> {
  // Peers are slower, or fail: fewer rounds are enough to see it.
  const fewer = { rounds: Math.ceil(rounds / 8) }
  const lanes = [burst(ours, requests), burst(sharedPromise, requests), ...peers.map((peer) => burst(peer, requests, fewer))]
  const title = `Burst: ${requests} requests at once, token revoked`
  return run({ title, requests, refreshes: 1, bar }, lanes, rounds, pick(4, 1))
}

async function jitteredBursts(): Promise<RaceReport> {
  const requests = pick(1000, 100)
  const shape = { instances: 3, jitterMs: pick(400, 40) }
  const lanes = [ours, sharedPromise, ...peers].map((contestant) => burst(contestant, requests, shape))
  const title = `Burst with jitter: ${requests} requests at once over ${shape.instances} instances, answers take 0-${shape.jitterMs} ms, token revoked`
  return run({ title, requests, refreshes: 1 }, lanes, pick(5, 1), 0)
}

const races = [
  await fastPath(),
  await bursts(pick(1000, 100), pick(60, 2)),
  await bursts(pick(10_000, 1000), pick(40, 2), 0.75),
  await jitteredBursts(),
]
const report = conclude(races, quick)
const failed = report.wrong.length > 0 || (options.assert && report.missed.length > 0)
// One peer keeps timers of 30 s for every refresh, so the process is ended by hand.
process.stdout.write(`${options.json ? JSON.stringify(report, undefined, 2) : toText(report)}\n`, () => process.exit(failed ? 1 : 0))
