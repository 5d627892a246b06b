import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')
const page = read('docs/benchmarks.md')

/** The number in the row of the README that begins so. */
function inReadme(row: string): string {
  const [, number = ''] =
    readme
      .split(`| ${row}`)[1]
      ?.split('\n')[0]
      ?.match(/\| ([\d.]+) (?:×|kB) \|/) ?? []
  return number
}

/** What a table of the page gives for the ratio of this library: after ms, their middle half and µs. */
function ratioIn(heading: string): number {
  const table = page.split(heading)[1]?.split('| **axios-renew** |')[1]?.split('\n')[0]?.split('|') ?? []
  return Number(table[3])
}

test.each([
  ['a request with a valid token', '## A request with a valid token'],
  ['10,000 concurrent 401s', '**N = 10,000**'],
])('the ratio for %s in the README is that of docs/benchmarks.md', (row, heading) => {
  expect(ratioIn(heading)).toBeGreaterThan(0)
  expect(inReadme(row)).toBe(ratioIn(heading).toFixed(2))
})
