/** One contestant's turn in one round. */
export interface Sample {
  ms: number
  /** Requests that succeeded. */
  ok: number
  /** Requests to the token endpoint. */
  refreshes: number
  grantAlive: boolean
}

/** One contestant in one race. */
export interface Lane {
  name: string
  run(round: number): Promise<Sample>
  /** Stops after this many rounds; for those that take long, or fail and have no time to compare. */
  rounds?: number
}

/** What came out for one contestant. */
export interface Result {
  name: string
  rounds: number
  /** Median over the rounds. */
  ms: number
  /** Half of the rounds lie between these. */
  msMiddle: Range
  /** Median over the rounds of the ratio to the reference in the same round. */
  ratio?: number
  /** Half of the ratios lie between these. */
  ratioMiddle?: Range
  ok: Range
  refreshes: Range
  /** Rounds in which the grant was killed. */
  grantsLost: number
}

/** The least and the most that was counted in a round. */
export type Range = readonly [least: number, most: number]

/**
 * Lets contestants run in turns, so that whatever else this machine does hits all of them equally.
 *
 * @param warmUp rounds that do not count: in them the code becomes hot.
 * @param reference the contestant that the others are compared with.
 */
export async function race(lanes: readonly Lane[], rounds: number, warmUp: number, reference: string): Promise<Result[]> {
  const samples = new Map<string, Sample[]>(lanes.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    const running = lanes.filter((lane) => round < (lane.rounds ?? rounds))
    // Each begins in turn: none always comes after the same other one.
    const first = (round + warmUp) % running.length
    for (const lane of [...running.slice(first), ...running.slice(0, first)]) {
      clearYoungGarbage()
      const sample = await lane.run(round)
      if (round >= 0) samples.get(lane.name)?.push(sample)
    }
  }
  const compared = samples.get(reference) ?? []
  return lanes.map(({ name }) => summary(name, samples.get(name) ?? [], compared))
}

/**
 * Every turn begins with an empty nursery. A full collection would throw away optimized code as well, since
 * between rounds no request is alive whose hidden classes it was made for: then what is measured is the compiler
 * (bare axios takes 45 us a request instead of 27). A server that has traffic never sees that.
 */
function clearYoungGarbage(): void {
  globalThis.gc?.({ type: 'minor', execution: 'sync' })
}

function summary(name: string, samples: readonly Sample[], reference: readonly Sample[]): Result {
  const ratios = samples.flatMap(({ ms }, round) => {
    const other = reference[round]
    return other ? [ms / other.ms] : []
  })
  const times = samples.map(({ ms }) => ms)
  return {
    name,
    rounds: samples.length,
    ms: median(times),
    msMiddle: middleHalf(times),
    ...(ratios.length > 0 && { ratio: median(ratios), ratioMiddle: middleHalf(ratios) }),
    ok: range(samples.map(({ ok }) => ok)),
    refreshes: range(samples.map(({ refreshes }) => refreshes)),
    grantsLost: samples.filter(({ grantAlive }) => !grantAlive).length,
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = low] = sorted.length % 2 ? sorted.slice(middle) : sorted.slice(middle - 1)
  return sorted.length % 2 ? low : (low + high) / 2
}

/** The quartiles around the median. */
function middleHalf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
  return [at(0.25), at(0.75)]
}

function range(values: readonly number[]): Range {
  return [Math.min(...values), Math.max(...values)]
}
