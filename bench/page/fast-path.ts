import { barPlot } from './bar-plot.ts'
import { list, times } from './format.ts'
import { barNote, fasterThanOurs, raceTable } from './race-table.ts'
import { OURS, type Results } from './results.ts'
import type { Section } from './section.ts'

/** What a valid token costs. */
export function fastPathSection({ fastPath }: Results): Section {
  const most = Math.max(...fastPath.results.map(({ ratio = 0, ratioMiddle }) => ratioMiddle?.[1] ?? ratio))
  const sorted = [...fastPath.results].sort((a, b) => (a.ratio ?? 0) - (b.ratio ?? 0))
  const faster = fasterThanOurs(fastPath)
  const cheaper = sorted.filter((result) => faster.includes(result) && result.name !== 'bare axios')
  return {
    heading: 'A request with a valid token',
    intro: `${fastPath.requests} requests one after another, with nothing to refresh: what each of them adds to axios. The ratio to one hand-written request interceptor
that sets the header and can do nothing else.`,
    plot: barPlot({
      name: 'fast-path',
      alt: `Cost of a request with a valid token, as ratio to a hand-written header interceptor: ${sorted.map(({ name, ratio = 0 }) => `${name} ${ratio.toFixed(2)}`).join(', ')}.`,
      title: ['A request with a valid token', 'ratio to a header interceptor, less is better'],
      panels: [{ max: most, share: 1, line: 1 }],
      rows: sorted.map(({ name, ratio = 0, ratioMiddle }) => ({
        name: name.replace('deduplicateRefresh: false', 'not deduplicated'),
        ours: name === OURS,
        cells: [{ value: ratio, text: times(ratio), middle: ratioMiddle }],
      })),
    }),
    tables: [raceTable(fastPath)],
    notes: [
      barNote(fastPath),
      cheaper.length > 0
        ? `Cheaper than axios-renew by more than 1 % of the reference: ${list(cheaper.map(({ name }) => name))}.`
        : 'None of those that send a token is cheaper by more than 1 % of the reference.',
      'The black or white stroke spans the middle half of the rounds. Bare axios sends no token, so that none of its requests counts as succeeded.',
    ].filter(Boolean),
  }
}
