import type { FleetResult } from '../fleet/fleet.ts'
import type { Way } from '../fleet/protocol.ts'
import { amount, named, span, table } from './format.ts'
import { linePlot } from './line-plot.ts'
import type { Results } from './results.ts'
import type { Section } from './section.ts'

const LABELS: Readonly<Record<Way, readonly string[]>> = {
  'axios-renew over Redis': ['axios-renew', 'over Redis'],
  'axios-renew over PostgreSQL': ['axios-renew', 'over PostgreSQL'],
  'shared promise over Redis': ['hand-written', 'shared promise', 'over Redis'],
}

/** Processes against token requests. */
export function fleetSection({ fleet }: Results): Section {
  const { processes, accounts, requests, latencyMs, results, missing } = fleet
  const ways = [...new Set(results.map(({ way }) => way))]
  const most = Math.max(...processes)
  const at = (way: Way, count: number) => results.find((result) => result.way === way && result.processes === count)
  const perAccount = ({ tokenRequests }: FleetResult) => tokenRequests.median / accounts
  const top = Math.max(2, Math.ceil(Math.max(...results.map(({ tokenRequests }) => tokenRequests.range[1] / accounts))))
  const said = ways.map((way) => {
    const result = at(way, most)
    return result
      ? `${way}: ${tokenRequests(perAccount(result))} an account, ${amount(result.grantsLost.median)} of ${accounts} grants lost`
      : way
  })
  return {
    heading: 'Processes against token requests',
    intro: `Processes that share ${accounts} accounts find all their access tokens expired at once; each sends ${requests} requests for each account. A certified authorization server
(oidc-provider) rotates refresh tokens, revokes a grant whose refresh token comes twice, takes ${latencyMs} ms, and counts. One token request an account is right.`,
    plot: linePlot({
      name: 'fleet',
      alt: `Token requests an account by number of processes. With ${most} processes, ${said.join('; ')}.`,
      title: ['Token requests an account', 'counted at the server; 1 is right'],
      x: { values: processes, title: 'processes', base: 2 },
      y: { min: 0, max: top, log: false, ticks: ticksUpTo(top), text: amount },
      lines: ways.map((way) => ({
        label: [...LABELS[way], ...lossOf(at(way, most))],
        ours: way.startsWith('axios-renew'),
        dashed: way === 'axios-renew over PostgreSQL',
        points: processes.flatMap((count) => {
          const result = at(way, count)
          if (!result) return []
          const [least, highest] = result.tokenRequests.range
          return [{ x: count, y: perAccount(result), spread: [least / accounts, highest / accounts] as const }]
        }),
      })),
    }),
    tables: [
      table(
        ['', 'processes', 'token requests', 'an account', `grants lost, of ${accounts}`, 'requests that succeeded', 'seconds', 'rounds'],
        results.map((result) => [
          named(result.way),
          String(result.processes),
          span(result.tokenRequests.range),
          amount(perAccount(result)),
          span(result.grantsLost.range),
          `${span(result.succeeded.range)} of ${amount(result.processes * accounts * requests)}`,
          (result.ms / 1000).toFixed(2),
          String(result.rounds),
        ]),
      ),
    ],
    notes: [
      `With ${most} processes: ${said.join('; ')}.`,
      'The shared promise is the good kind: one refresh an account and process, and before the token request a look into Redis whether somebody else has stored a newer pair. What it lacks is a lock.',
      'Every stored pair carries its expiry, and all of them refresh before they send what has expired.',
      ...harmlessAlone(at('shared promise over Redis', 1)),
      'The other libraries share nothing between processes; what they would do here is what their app does, which is this shared promise at best.',
      'Seconds are until the last answer, with all processes, servers and stores on one machine: they compare little. A request that fails at once is fast.',
      ...missing,
    ],
  }
}

function lossOf(result?: FleetResult): string[] {
  return result && result.grantsLost.median > 0 ? [`${amount(result.grantsLost.median)} grants lost`] : []
}

/** For many apps that is all there is. */
function harmlessAlone(alone?: FleetResult): string[] {
  return alone?.grantsLost.range[1] === 0
    ? ['In one process the shared promise loses no grant either: a lock between processes is of no use there.']
    : []
}

function tokenRequests(count: number): string {
  return count === 1 ? '1 token request' : `${amount(count)} token requests`
}

function ticksUpTo(top: number): number[] {
  const step = top > 6 ? 2 : 1
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step)
}
