import { countResolved } from '../support/fate.ts'
import { refreshes } from '../support/words.ts'
import { onWire, scenario, times } from './scenario.ts'

const ROUNDS = 20

export const latencyJitter = scenario({
  id: 'latency-jitter',
  title: '100 concurrent 401s that take 0-400 ms each',
  about401: true,
  right: { resolved: [100, 100], refreshes: [1, 1], grantsLost: 0 },
  async observe(library) {
    const seen = []
    for (let round = 0; round < ROUNDS; round++) {
      const { wire, authority, protect } = onWire(library, { api: random(round, 400) })
      const api = wire.client()
      protect(api)
      const fates = await wire.fates(times(100, (i) => api.get(`/payments/${i}`)))
      seen.push({ resolved: countResolved(fates), refreshes: authority.tokenRequests, lost: !authority.grantAlive })
    }
    return {
      resolved: range(seen.map(({ resolved }) => resolved)),
      refreshes: range(seen.map(({ refreshes }) => refreshes)),
      grantsLost: seen.filter(({ lost }) => lost).length,
    }
  },
  tell({ resolved, grantsLost, ...seen }) {
    const lost = grantsLost ? `, session lost in ${grantsLost} of ${ROUNDS} runs` : ''
    return `${said(resolved)} of 100 succeed, ${refreshes(said(seen.refreshes))}${lost}`
  },
})

/** The same latencies in every run (a linear congruential generator). */
function random(seed: number, most: number): () => number {
  let state = seed + 1000
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32) * most
  }
}

function range(values: readonly number[]): readonly [least: number, most: number] {
  return [Math.min(...values), Math.max(...values)]
}

function said([least, most]: readonly number[]): string {
  return least === most ? String(least) : `${least}-${most}`
}
