import type { Size } from '../size.ts'
import { barPlot } from './bar-plot.ts'
import { kilobytes, list, named, table } from './format.ts'
import type { Results } from './results.ts'
import type { Section } from './section.ts'

/** Our own goals, by name of what is measured, in bytes of its own code. */
const BARS: Readonly<Record<string, number>> = { 'axios-renew': 5000, 'axios-renew/fetch, the session alone': 4000 }

/** What each weighs in a page. */
export function sizeSection({ sizes }: Results): Section {
  const sorted = [...sizes].sort((a, b) => b.all - a.all)
  const [ours, ...rest] = [sizes.find(({ name }) => name === 'axios-renew'), ...sizes.filter(({ name }) => !name.startsWith('axios-renew'))]
  const smaller = rest.filter((size) => size && ours && size.all < ours.all) as Size[]
  return {
    heading: 'Size',
    intro: 'Minified and gzipped (esbuild, gzip level 9), without axios. The part at the end of a bar is what a library depends on.',
    plot: barPlot({
      name: 'size',
      alt: `Size in kB, minified and gzipped, with dependencies: ${sorted.map(({ name, all }) => `${name} ${kilobytes(all)}`).join(', ')}.`,
      title: ['Size in a page', 'kB, minified and gzipped, less is better'],
      panels: [{ max: Math.max(...sizes.map(({ all }) => all)), share: 1 }],
      rows: sorted.map(({ name, own, all }) => ({
        name,
        ours: name.startsWith('axios-renew'),
        cells: [{ value: own, more: all - own, text: kilobytes(all) }],
      })),
    }),
    tables: [
      table(
        ['', 'own code, kB', 'with dependencies, kB', 'dependencies', 'what was bundled'],
        sorted.map(({ name, what, own, all, dependencies }) => [
          named(name),
          kilobytes(own),
          kilobytes(all),
          dependencies.join(', ') || 'none',
          `\`${what}\``,
        ]),
      ),
    ],
    notes: [
      smaller.length > 0
        ? `**Smaller than axios-renew: ${list(smaller.map(({ name, all }) => `${name} (${kilobytes(all)} kB)`))}.** If a page refreshes in one tab, for one user, at a server that does not rotate refresh tokens, one of those may be all it needs.`
        : 'None of the others is smaller.',
      ...sizes.flatMap(({ name, own }) => barNote(name, own)),
      'What the kilobytes are for, and what was weighed: [decision 1](decisions/0001-size.md). `npm run size` says a little less: it takes off what its own scaffold weighs.',
    ],
  }
}

function barNote(name: string, own: number): string[] {
  const bar = BARS[name]
  if (bar === undefined) return []
  const verdict = own <= bar ? 'met' : '**not met**'
  return [`[Our own goal](decisions/0001-size.md) for ${name} is ${bar / 1000} kB of own code: ${verdict}, with ${kilobytes(own)} kB.`]
}
