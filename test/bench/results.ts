import type { Result } from '../../bench/measure.ts'
import type { Results } from '../../bench/page/results.ts'
import type { RaceReport } from '../../bench/report.ts'

/** How the contestants of a made-up race came out: ms, ratio, requests that succeeded, refreshes, grants lost. */
type Came = readonly [ms: number, ratio: number, ok: readonly [number, number], refreshes: readonly [number, number], grantsLost: number]

function race(title: string, requests: number, came: Record<string, Came>, bar?: number): RaceReport {
  const results = Object.entries(came).map(
    ([name, [ms, ratio, ok, refreshes, grantsLost]]): Result => ({
      name,
      rounds: 7,
      ms,
      msMiddle: [ms * 0.9, ms * 1.2],
      ratio,
      ratioMiddle: [ratio * 0.95, ratio * 1.08],
      ok,
      refreshes,
      grantsLost,
    }),
  )
  return { title, requests, refreshes: 1, reference: Object.keys(came)[1] ?? '', results, bar }
}

const all = (requests: number) => [requests, requests] as const

function burst(requests: number, ms: number, ratio: number): RaceReport {
  const came: Record<string, Came> = {
    'axios-renew': [ms * ratio, ratio, all(requests), [1, 1], 0],
    'hand-written shared promise': [ms, 1, all(requests), [1, 1], 0],
    'axios-auth-refresh': [ms * 1.63, 1.63, [1, 1], [1, 1], 0],
    'axios-auth-refresh, deduplicateRefresh: false': [ms * 0.94, 0.94, all(requests), [1, 1], 0],
    'axios-auth-refresh-queue': [ms * 1.13, 1.13, all(requests), [1, 1], 0],
  }
  return race(`Burst: ${requests}`, requests, came, requests === 10_000 ? 0.75 : undefined)
}

const jitter: Record<string, Came> = {
  'axios-renew': [843.2, 0.97, all(1000), [1, 1], 0],
  'hand-written shared promise': [862.1, 1, all(1000), [31, 37], 0],
  'axios-auth-refresh': [812.4, 0.94, [0, 3], [52, 61], 7],
  'axios-auth-refresh, deduplicateRefresh: false': [701.5, 0.81, [0, 0], [211, 230], 7],
  'axios-auth-refresh-queue': [690.9, 0.8, [0, 0], [13, 19], 7],
}

const fastPath: Record<string, Came> = {
  'axios-renew': [16.2, 1.053, all(500), [0, 0], 0],
  'hand-written header interceptor': [15.4, 1, all(500), [0, 0], 0],
  'bare axios': [13.1, 0.852, [0, 0], [0, 0], 0],
  'hand-written shared promise': [15.6, 1.012, all(500), [0, 0], 0],
  'axios-auth-refresh': [15.9, 1.034, all(500), [0, 0], 0],
  'axios-auth-refresh, deduplicateRefresh: false': [15.8, 1.027, all(500), [0, 0], 0],
  'axios-auth-refresh-queue': [15.7, 1.021, all(500), [0, 0], 0],
  'axios-jwt': [19.9, 1.291, all(500), [0, 0], 0],
}

const fleet = [
  ['shared promise over Redis', [50, 103, 197, 371], [0, 50, 50, 50]],
  ['axios-renew over Redis', [50, 50, 50, 50], [0, 0, 0, 0]],
  ['axios-renew over PostgreSQL', [50, 50, 50, 50], [0, 0, 0, 0]],
] as const

/** Made-up results of a run, near to real ones. */
export const RESULTS: Results = {
  environment: {
    date: '2026-11-22T10:11:12.000Z',
    quick: false,
    node: 'v20.20.2',
    platform: 'linux x64',
    cpu: 'Some Processor',
    cores: 2,
    memoryGB: 8,
    versions: { 'axios-renew': '0.1.0', axios: '1.21.1', 'axios-jwt': '4.0.3' },
  },
  seconds: 431,
  bursts: [burst(10, 6.31, 0.99), burst(100, 12.4, 0.88), burst(1000, 71.9, 0.74), burst(10_000, 802, 0.73)],
  jitter: { ...race('Jitter', 1000, jitter), instances: 3, jitterMs: 400 },
  oneInstance: { ...race('Jitter, one instance', 1000, jitter), instances: 1, jitterMs: 400 },
  expired: { ...race('Expired', 1000, { ...jitter, 'axios-jwt': [651.7, 0.75, all(1000), [1, 1], 0] }), instances: 3, jitterMs: 400 },
  fastPath: race('Valid token', 500, fastPath, 1.08),
  sizes: [
    { name: 'axios-renew', what: 'attach, createSession', own: 15_194, all: 16_127, dependencies: ['async-mutex', 'axios-retry'] },
    { name: 'axios-renew/fetch, the session alone', what: 'createSession', own: 11_043, all: 12_020, dependencies: ['async-mutex'] },
    { name: 'axios-jwt', what: 'applyAuthTokenInterceptor', own: 3426, all: 4808, dependencies: ['jwt-decode', 'ms'] },
    { name: 'axios-auth-refresh-queue', what: 'applyAuthTokenInterceptor', own: 989, all: 989, dependencies: [] },
    { name: 'axios-auth-refresh', what: 'createAuthRefresh', own: 877, all: 877, dependencies: [] },
    { name: 'hand-written shared promise', what: 'bench/contestants/shared-promise.ts', own: 350, all: 350, dependencies: [] },
  ],
  memory: {
    accounts: [1000, 10_000, 50_000, 200_000],
    cap: 10_000,
    mostInstances: 50_000,
    lanes: [
      { name: 'axios-renew', heap: [952_160, 5_853_336, 6_333_088, 5_785_952] },
      { name: 'hand-written map of all tokens', heap: [922_624, 10_058_248, 50_185_320, 201_087_920] },
      { name: 'axios-auth-refresh, an instance an account', heap: [6_608_936, 67_474_904, 337_342_992, undefined] },
    ],
    perIdleSession: 585.3336,
  },
  fleet: {
    processes: [1, 2, 4, 8],
    accounts: 50,
    requests: 4,
    latencyMs: 50,
    missing: [],
    results: fleet.flatMap(([way, tokenRequests, lost]) =>
      [1, 2, 4, 8].map((processes, i) => {
        const [sent = 0, grants = 0] = [tokenRequests[i], lost[i]]
        const succeeded = grants > 0 ? processes * 7 : processes * 200
        return {
          way,
          processes,
          rounds: 3,
          tokenRequests: { median: sent, range: [sent, sent + (sent > 50 ? 13 : 0)] as const },
          grantsLost: { median: grants, range: [grants, grants] as const },
          succeeded: { median: succeeded, range: [succeeded, succeeded] as const },
          ms: 431 * processes,
        }
      }),
    ),
  },
}
