import type { Result } from '../measure.ts'
import type { RaceReport } from '../report.ts'
import { amount, list, times } from './format.ts'
import { linePlot } from './line-plot.ts'
import { barNote, fasterThanOurs, raceTable } from './race-table.ts'
import { OURS, type Results, resultOf } from './results.ts'
import { logScale } from './scale.ts'
import type { Section } from './section.ts'

const SHARED = 'hand-written shared promise'

/** Names that are too long for a place beside a line. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  [SHARED]: ['hand-written', 'shared promise'],
  'axios-auth-refresh, deduplicateRefresh: false': ['axios-auth-refresh,', 'not deduplicated'],
  'axios-auth-refresh-queue': ['axios-auth-', 'refresh-queue'],
}

/** Burst time against N. */
export function burstSection({ bursts }: Results): Section {
  const values = bursts.map(({ requests }) => requests)
  const [largest = [] as never] = bursts.slice(-1)
  const names = largest.results.map(({ name }) => name)
  const spreadOf = ({ name, ratioMiddle }: Result) => (name === OURS ? ratioMiddle : undefined)
  const ratios = bursts.flatMap(({ results }) => results.flatMap((result) => [result.ratio ?? 1, ...(spreadOf(result) ?? [])]))
  const scale = logScale(ratios, [1, 1.5, 2, 3, 5, 7])
  const sharedMs = (requests: number) => bursts.flatMap((race) => (race.requests === requests ? [resultOf(race, SHARED).ms] : []))
  const { ratio = Number.NaN, ms } = resultOf(largest, OURS)
  const failing = names.filter((name) => bursts.some((race) => resultOf(race, name).ok[0] < race.requests))
  return {
    heading: 'Burst time against the number of requests',
    intro: `The access token is revoked, and N requests leave at once through one axios instance. All of them get a 401, one refresh should be made
(the token endpoint takes 5 ms), and all should succeed. From the first request to the last answer.`,
    plot: linePlot({
      name: 'burst',
      alt: `Time of a burst by number of requests, as ratio to a hand-written shared promise. At ${amount(largest.requests)} requests axios-renew takes ${amount(ms)} ms, ${times(ratio)} the time of the shared promise.`,
      title: ['Burst of N requests, token revoked', 'ratio to a shared promise (log scale), less is better'],
      x: {
        values,
        title: 'N, and time of the shared promise',
        base: 10,
        below: (n) =>
          sharedMs(n)
            .map((time) => `${roughly(time)} ms`)
            .join(''),
      },
      y: { ...scale, text: String },
      lines: names.map((name) => ({
        label: [...(SHORT[name] ?? [name]), ...(failing.includes(name) ? ['(requests fail)'] : [])],
        ours: name === OURS,
        dashed: failing.includes(name),
        points: bursts.map((race) => {
          const result = resultOf(race, name)
          return { x: race.requests, y: result.ratio ?? 1, spread: spreadOf(result) }
        }),
      })),
    }),
    tables: bursts.map((race) => `**N = ${amount(race.requests)}**\n\n${raceTable(race)}`),
    notes: [
      `At N = ${amount(largest.requests)} axios-renew takes ${times(ratio)} the time of the ${SHARED}. ${barNote(largest)}`,
      failing.length > 0
        ? `${list(failing)}: requests fail here, so that the time is not one of the same work.`
        : 'All requests of all of them succeed.',
      ...fasterNote(bursts),
      'The strokes of axios-renew span the middle half of its rounds; those of the others would lie on each other.',
      'axios-jwt takes no part: it does not refresh on a 401.',
      'Requests never leave the process, so that the time is what the clients cost; a network adds its own to all of them.',
    ],
  }
}

function fasterNote(races: readonly RaceReport[]): string[] {
  const faster = races.flatMap((race) => {
    const names = fasterThanOurs(race)
      .filter(({ ok }) => ok[0] === race.requests)
      .map(({ name }) => name)
    return names.length > 0 ? [`${list(names)} at N = ${amount(race.requests)}`] : []
  })
  return faster.length > 0
    ? [`Faster than axios-renew by more than 1 % of the reference, with all requests answered: ${faster.join('; ')}.`]
    : []
}

/** Room is scarce below the axis. */
function roughly(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}
