import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type * as Library from '../src/index.ts'
import { axiosRenew } from './contestants/axios-renew.ts'
import { Courses } from './courses.ts'
import { conclude } from './report.ts'
import { toText } from './table.ts'

const { values: options } = parseArgs({
  options: {
    /** Print JSON. */
    json: { type: 'boolean', default: false },
    /** Small numbers, for a look whether all of it works. */
    quick: { type: 'boolean', default: false },
    /** Exit with 1 when a bar is missed. */
    assert: { type: 'boolean', default: false },
    /** Another build of this library. */
    library: { type: 'string', default: 'dist/index.mjs' },
  },
})
const { quick } = options

// The built code: under tsx the sources would be another program, with every closure named.
const ours = axiosRenew((await import(pathToFileURL(resolve(options.library)).href)) as typeof Library)
const courses = new Courses(ours, quick)
const races = [
  await courses.fastPath(),
  await courses.burst(quick ? 100 : 1000, quick ? 2 : 60),
  await courses.burst(quick ? 1000 : 10_000, quick ? 2 : 40, 0.75),
  await courses.jitteredBurst(),
]
const report = conclude(races, quick)
const failed = report.wrong.length > 0 || (options.assert && report.missed.length > 0)
// One peer keeps timers of 30 s for every refresh, so the process is ended by hand.
process.stdout.write(`${options.json ? JSON.stringify(report, undefined, 2) : toText(report)}\n`, () => process.exit(failed ? 1 : 0))
