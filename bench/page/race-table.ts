import type { Result } from '../measure.ts'
import type { RaceReport } from '../report.ts'
import { amount, named, span, table, times } from './format.ts'
import { OURS, resultOf } from './results.ts'

/** How a bar of this library came out, in words. */
export function barNote(race: RaceReport): string {
  const { ratio = Number.NaN } = resultOf(race, OURS)
  if (race.bar === undefined) return ''
  return ratio <= race.bar
    ? `Our own goal is ${times(race.bar)} at most: met, with ${ratio.toFixed(3)}.`
    : `Our own goal is ${times(race.bar)} at most: **missed in this run**, with ${ratio.toFixed(3)}.`
}

/** Less than this, as a share, is no difference: another run has it the other way round. */
const NOTHING = 0.01

/** Those whose median ratio is below this library's by more than nothing. */
export function fasterThanOurs(race: RaceReport): Result[] {
  const { ratio: ours = Number.NaN } = resultOf(race, OURS)
  return race.results.filter(({ name, ratio = Number.NaN }) => name !== OURS && ratio < ours - NOTHING)
}

/** Times and counts of a race. */
export function raceTable({ results, requests, reference }: RaceReport): string {
  const head = ['', 'ms', 'middle half, ms', 'µs a request', 'ratio', 'succeeded', 'refreshes', 'grants lost', 'rounds']
  const rows = results.map(({ name, ms, msMiddle, ratio, ok, refreshes, grantsLost, rounds }) => [
    named(name),
    amount(ms),
    span(msMiddle),
    amount((ms / requests) * 1000),
    ratio?.toFixed(3) ?? '',
    span(ok),
    span(refreshes),
    `${grantsLost} of ${rounds}`,
    String(rounds),
  ])
  return `${table(head, rows)}\n\nRatio to: ${reference}, median over the rounds that both ran.`
}

/** Counts of a race. */
export function countTable({ results, requests }: RaceReport): string {
  const head = ['', `succeeded, of ${amount(requests)}`, 'refreshes', 'grants lost, of rounds', 'ms']
  const rows = results.map(({ name, ok, refreshes, grantsLost, rounds, ms }) => [
    named(name),
    span(ok),
    span(refreshes),
    `${grantsLost} of ${rounds}`,
    amount(ms),
  ])
  return table(head, rows)
}
