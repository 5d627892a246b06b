import type { Result } from '../measure.ts'
import { barPlot } from './bar-plot.ts'
import { amount, list } from './format.ts'
import { countTable } from './race-table.ts'
import { OURS, type Results } from './results.ts'
import type { Section } from './section.ts'

/** Refreshes and successes under jitter. */
export function jitterSection({ jitter, oneInstance, expired }: Results): Section {
  const { requests, instances, jitterMs } = jitter
  const mostRefreshes = Math.max(...jitter.results.map(({ refreshes }) => refreshes[1]))
  // It has no part in the other race.
  const onlyExpired = expired.results.filter(({ name }) => name === 'axios-jwt')
  const right = jitter.results.filter((result) => isRight(result, requests)).map(({ name }) => name)
  const rightOverOne = oneInstance.results.filter((result) => isRight(result, requests)).map(({ name }) => name)
  const rightExpired = expired.results.filter((result) => isRight(result, expired.requests)).map(({ name }) => name)
  return {
    heading: 'Refreshes and successes under jitter',
    intro: `${amount(requests)} requests at once over ${instances} axios instances of one session. Each answer takes 0 to ${jitterMs} ms, so that 401s still come when the
new token is there. Refresh tokens are single-use, and one that is sent twice kills the grant. One refresh is right.`,
    plot: barPlot({
      name: 'jitter',
      alt: `Requests that succeeded and refreshes, by library. Every request answered with one refresh: ${list(right)}.`,
      title: [`${amount(requests)} requests, ${instances} instances, 0-${jitterMs} ms`],
      panels: [
        { title: 'succeeded (fewest)', max: requests, share: 0.5 },
        { title: 'refreshes (right: 1)', max: mostRefreshes, share: 0.5 },
      ],
      rows: [...jitter.results, ...onlyExpired].map(({ name, ok, refreshes, grantsLost }) => ({
        name: `${name.replace('deduplicateRefresh: false', 'not deduplicated')}${name === 'axios-jwt' ? ', token expired' : ''}${grantsLost > 0 ? ': grant lost' : ''}`,
        ours: name === OURS,
        cells: [
          { value: ok[0], text: amount(ok[0]) },
          { value: refreshes[1], text: rangeText(refreshes) },
        ],
      })),
    }),
    tables: [
      `**Over ${instances} instances: the token was revoked, and only a 401 tells**\n\n${countTable(jitter)}`,
      `**The same over one instance**\n\n${countTable(oneInstance)}`,
      `**Over ${instances} instances: the token has expired, and its expiry can be read**\n\n${countTable(expired)}`,
    ],
    notes: [
      `Every request answered, one refresh and no grant lost in all rounds: ${list(right)}; over one instance: ${list(rightOverOne)}; when the token has expired: ${list(rightExpired)}.`,
      'axios-jwt takes part in the last of the three only, and is in the plot as it came out there: it refreshes when the `exp` of a JWT has passed, and leaves a 401 to the app. Its tokens are JWTs here, in a storage in memory.',
      'axios-auth-refresh and axios-auth-refresh-queue are attached to each instance, and each instance refreshes by itself. Neither they nor the hand-written promise read the expiry, so that the last race is like the first for them.',
      'The rounds have different latencies, the same for all in one round.',
    ],
  }
}

function isRight({ ok, refreshes, grantsLost }: Result, requests: number): boolean {
  return ok[0] === requests && refreshes[1] === 1 && grantsLost === 0
}

function rangeText([least, most]: readonly [number, number]): string {
  return least === most ? `${least}` : `${least}-${most}`
}
