import type { Range, Result } from './measure.ts'
import type { RaceReport, Report } from './report.ts'

/** The report, for a person. */
export function toText({ environment, races, wrong, missed }: Report): string {
  const { node, cpu, axios, date, quick } = environment
  return [
    `Node ${node}, axios ${axios}, ${cpu}, ${date}${quick ? ', quick: the times mean nothing' : ''}`,
    ...races.map((race) => raceText(race)),
    ...wrong.map((text) => `WRONG COUNT  ${text}`),
    ...missed.map((text) => `BAR MISSED   ${text}`),
  ].join('\n\n')
}

const COLUMNS = ['', 'ms', 'us/request', 'ratio', 'succeeded', 'refreshes', 'grants lost', 'rounds']

function raceText({ title, requests, reference, results, bar }: RaceReport): string {
  const rows = [COLUMNS, ...results.map((result) => row(result, requests))]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const lines = rows.map((cells) => cells.map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  '))
  const note = `ratio to: ${reference}${bar === undefined ? '' : `; bar for axios-renew: ${bar}`}`
  return [title, note, ...lines].join('\n')
}

function row({ name, ms, ratio, ok, refreshes, grantsLost, rounds }: Result, requests: number): string[] {
  const each = ((ms / requests) * 1000).toFixed(2)
  const counts = [span(ok), span(refreshes), `${grantsLost} of ${rounds}`, String(rounds)]
  return [name, ms.toFixed(1), each, ratio?.toFixed(3) ?? '', ...counts]
}

function span([least, most]: Range): string {
  return least === most ? String(least) : `${least}-${most}`
}
