import type { Environment } from '../environment.ts'
import { burstSection } from './burst.ts'
import { fastPathSection } from './fast-path.ts'
import { fleetSection } from './fleet.ts'
import { table } from './format.ts'
import { jitterSection } from './jitter.ts'
import { memorySection } from './memory.ts'
import type { Results } from './results.ts'
import type { Section } from './section.ts'
import { sizeSection } from './size.ts'

/** All parts of the page, in their order. */
export function sectionsOf(results: Results): Section[] {
  return [
    burstSection(results),
    jitterSection(results),
    fleetSection(results),
    fastPathSection(results),
    memorySection(results),
    sizeSection(results),
  ]
}

/**
 * The page. Every number and every statement about a result comes from the results.
 *
 * @param images where the plots are, seen from the page.
 */
export function toMarkdown({ environment, seconds }: Results, sections: readonly Section[], images: string): string {
  const contents = sections.map(({ heading }) => `- [${heading}](#${anchor(heading)})`)
  return [
    '<!-- Written by `npm run bench:report`: edit bench/page, not this file. -->',
    '# Benchmarks',
    environment.quick ? '> **A quick run, for a look whether all of it works: the numbers mean nothing.**' : '',
    `\`npm run bench:report\` has measured all of this in one run, ${duration(seconds)} long, on ${environment.date.slice(0, 10)}, and has written this page. In races all
run in turns in one process, so that whatever else the machine does hits all of them. Times are medians, on this machine; ratios and counts are what to look at.`,
    contents.join('\n'),
    ...sections.map((section) => toText(section, images)),
    environmentText(environment),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n')
}

function toText({ heading, intro, plot, tables, notes }: Section, images: string): string {
  const alt = plot.alt.replaceAll('"', '&quot;')
  const picture = `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${images}/${plot.name}-dark.svg">
  <img alt="${alt}" src="${images}/${plot.name}-light.svg">
</picture>`
  return [`## ${heading}`, intro, picture, ...tables, notes.map((note) => `- ${note}`).join('\n')].join('\n\n')
}

function environmentText({ date, node, platform, cpu, cores, memoryGB, versions }: Environment): string {
  const machine = [
    ['date', date],
    ['command', '`npm run bench:report`'],
    ['Node', node],
    ['platform', platform],
    ['processor', `${cpu}, ${cores} cores`],
    ['memory', `${memoryGB} GB`],
    ...Object.entries(versions),
  ]
  return `## Environment\n\n${table(['', ''], machine).replace('---:', '---')}`
}

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} seconds` : `${(seconds / 60).toFixed(1)} minutes`
}

function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-')
}
