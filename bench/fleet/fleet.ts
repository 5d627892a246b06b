import { type AuthorizationServer, startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { startPaymentsApi } from '../../examples/servers/payments-api.ts'
import { median, type Range } from '../measure.ts'
import { type Backends, startBackends } from './backends.ts'
import { bundleProgram, startProcess } from './processes.ts'
import type { Way } from './protocol.ts'

/** What the authorization server has seen of one way at one number of processes. */
export interface FleetResult {
  way: Way
  processes: number
  rounds: number
  /** Requests to the token endpoint in a round. */
  tokenRequests: { median: number; range: Range }
  /** Grants that were revoked, in a round. */
  grantsLost: { median: number; range: Range }
  /** Requests to the API that succeeded, in a round. */
  succeeded: { median: number; range: Range }
  /** Median, from the first request to the last answer. */
  ms: number
}

/** Processes against token requests. */
export interface Fleet {
  processes: readonly number[]
  accounts: number
  /** Of each process, for each account. */
  requests: number
  /** How long the token endpoint takes, in ms. */
  latencyMs: number
  results: readonly FleetResult[]
  /** Ways that were left out, and what would bring them. */
  missing: readonly string[]
}

/** Lets more and more processes find the same tokens expired, in each way, and asks the authorization server what came of it. */
export async function measureFleet(quick: boolean): Promise<Fleet> {
  const course = { accounts: quick ? 10 : 50, requests: 4, latencyMs: 50 }
  const processes = quick ? [1, 2] : [1, 2, 4, 8]
  const rounds = quick ? 1 : 3
  const backends = await startBackends()
  const program = await bundleProgram()
  const samples = new Map<string, Sample[]>()
  try {
    for (let round = 0; round < rounds; round++) {
      for (const count of processes) {
        for (const way of backends.ways) {
          process.stderr.write(`Fleet: ${way}, ${count} processes, round ${round + 1} ...\n`)
          const key = JSON.stringify([way, count])
          samples.set(key, [...(samples.get(key) ?? []), await oneRound(program.path, backends, way, count, course)])
        }
      }
    }
  } finally {
    await Promise.all([program.remove(), backends.stop()])
  }
  const results = backends.ways.flatMap((way) =>
    processes.map((count) => summary(way, count, samples.get(JSON.stringify([way, count])) ?? [])),
  )
  return { ...course, processes, results, missing: backends.missing }
}

interface Sample {
  tokenRequests: number
  grantsLost: number
  succeeded: number
  ms: number
}

type Course = Pick<Fleet, 'accounts' | 'requests' | 'latencyMs'>

async function oneRound(program: string, backends: Backends, way: Way, count: number, course: Course): Promise<Sample> {
  const auth = await startAuthorizationServer()
  const api = await startPaymentsApi({ accepts: auth.accepts })
  const accounts = await signIn(auth, backends, way, course.accounts)
  auth.latencyMs = course.latencyMs
  const setup = { way, port: backends.port(way), ...endpointOf(auth), api: api.url }
  const fleet = await Promise.all(Array.from({ length: count }, () => startProcess(program, setup)))

  const startedAt = performance.now()
  const succeeded = await Promise.all(fleet.map((each) => each.request({ accounts, times: course.requests })))
  const ms = performance.now() - startedAt
  await Promise.all(fleet.map((each) => each.end()))
  const alive = await Promise.all(accounts.map((account) => auth.grantAlive(account)))
  const { tokenRequests } = auth.counters
  await Promise.all([auth.close(), api.close()])
  return { tokenRequests, grantsLost: alive.filter((is) => !is).length, succeeded: succeeded.reduce((sum, n) => sum + n, 0), ms }
}

const HOUR = 3_600_000

/** Accounts whose pairs are stored and whose access tokens have expired: by their time, and at the server. */
async function signIn(auth: AuthorizationServer, backends: Backends, way: Way, count: number): Promise<string[]> {
  const accounts = Array.from({ length: count }, (_, i) => `seller-${i}`)
  await backends.empty(way)
  for (const account of accounts) {
    const { access_token: accessToken, refresh_token: refreshToken } = await auth.authorize(account)
    await backends.write(way, account, { accessToken, refreshToken, expiresAt: Date.now() - HOUR }, endpointOf(auth))
    await auth.expire(accessToken)
  }
  return accounts
}

function endpointOf({ tokenEndpoint, clientId, clientSecret }: AuthorizationServer) {
  return { tokenEndpoint, clientId, clientSecret }
}

function summary(way: Way, processes: number, samples: readonly Sample[]): FleetResult {
  const of = (key: keyof Sample) => {
    const values = samples.map((sample) => sample[key])
    return { median: median(values), range: [Math.min(...values), Math.max(...values)] as const }
  }
  const [tokenRequests, grantsLost, succeeded] = [of('tokenRequests'), of('grantsLost'), of('succeeded')]
  return { way, processes, rounds: samples.length, tokenRequests, grantsLost, succeeded, ms: of('ms').median }
}
