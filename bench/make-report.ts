/** Measures everything once, and writes the page with its plots: `npm run bench:report`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type * as Library from '../src/index.ts'
import { builtEntry } from './built-entry.ts'
import { axiosRenew } from './contestants/axios-renew.ts'
import { Courses } from './courses.ts'
import { readEnvironment } from './environment.ts'
import { measureFleet } from './fleet/fleet.ts'
import { measureMemory } from './memory/memory.ts'
import { draw } from './page/draw.ts'
import { sectionsOf, toMarkdown } from './page/page.ts'
import type { Results } from './page/results.ts'
import { THEMES } from './page/style.ts'
import { conclude } from './report.ts'
import { measureSizes } from './size.ts'

const { values: options } = parseArgs({
  options: {
    /** Small numbers, for a look whether all of it works; needs `--out`. */
    quick: { type: 'boolean', default: false },
    /** Where the page goes, and its plots below. */
    out: { type: 'string' },
  },
})
const { quick } = options
if (quick && options.out === undefined) throw new Error('--quick writes numbers that mean nothing: say where to, with --out <folder>')
const folder = options.out ?? 'docs'
const images = 'images/benchmarks'

const results = await measure()
const sections = sectionsOf(results)
await mkdir(join(folder, images), { recursive: true })
for (const { plot } of sections)
  for (const theme of THEMES) await writeFile(join(folder, images, `${plot.name}-${theme.name}.svg`), draw(plot, theme))
await writeFile(join(folder, 'benchmarks.md'), toMarkdown(results, sections, images))

const { wrong, missed } = conclude([results.fastPath, ...results.bursts, results.jitter, results.oneInstance, results.expired], quick)
for (const text of wrong) console.error(`WRONG COUNT  ${text}`)
for (const text of missed) console.error(`BAR MISSED   ${text}`)
console.error(`${join(folder, 'benchmarks.md')}, after ${Math.round(results.seconds)} s`)
// One peer keeps timers of 30 s for every refresh, so the process is ended by hand.
process.exit(wrong.length > 0 ? 1 : 0)

/** Times first, while nothing else has touched this process. */
async function measure(): Promise<Results> {
  const startedAt = performance.now()
  const environment = await readEnvironment(quick)
  const courses = new Courses(axiosRenew(await builtEntry<typeof Library>('index')), quick)
  const fastPath = await courses.fastPath(true)
  const bursts = []
  for (const [requests, rounds] of bursting())
    bursts.push(await courses.burst(requests, rounds, requests === 10_000 ? 0.75 : undefined, true))
  const jitter = await courses.jitteredBurst()
  const oneInstance = await courses.jitteredBurst(1)
  const expired = await courses.expiredBurst()
  const sizes = await measureSizes()
  const memory = await measureMemory(quick)
  const fleet = await measureFleet(quick)
  const seconds = (performance.now() - startedAt) / 1000
  return { environment, seconds, fastPath, bursts, jitter, oneInstance, expired, sizes, memory, fleet }
}

/** How many requests at once, and in how many rounds. */
function bursting(): readonly (readonly [requests: number, rounds: number])[] {
  const numbers = [
    [10, 200],
    [100, 120],
    [1000, 40],
    [10_000, 16],
  ] as const
  return quick ? numbers.slice(0, 3).map(([requests]) => [requests, 2]) : numbers
}
