import { expect, test } from 'vitest'
import type { Result } from '../../bench/measure.ts'
import { sectionsOf, toMarkdown } from '../../bench/page/page.ts'
import type { Results } from '../../bench/page/results.ts'
import type { RaceReport } from '../../bench/report.ts'
import { RESULTS } from './results.ts'

const pageOf = (results: Results) => toMarkdown(results, sectionsOf(results), 'images/benchmarks')

/** The cells of every row that begins with this name, all tables of the page together. */
function rowsOf(page: string, name: string): string[][] {
  return page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('**', '')))
    .flatMap(([, first, ...cells]) => (first === name ? [cells.slice(0, -1)] : []))
}

/** The results with some of one contestant's in one race changed. */
function withResult(race: RaceReport, name: string, change: Partial<Result>): RaceReport {
  return { ...race, results: race.results.map((result) => (result.name === name ? { ...result, ...change } : result)) }
}

const english = (value: number) => value.toLocaleString('en')
const counts = ([least, most]: readonly [number, number]) => (least === most ? english(least) : `${english(least)} to ${english(most)}`)

test.each([...RESULTS.bursts, RESULTS.fastPath])('the page holds the counts and the ratio of everybody in $title', (race) => {
  const page = pageOf(RESULTS)
  for (const { name, ratio = Number.NaN, ok, refreshes, grantsLost, rounds } of race.results) {
    const expected = [ratio.toFixed(3), counts(ok), counts(refreshes), `${grantsLost} of ${rounds}`, String(rounds)]
    expect(rowsOf(page, name).map((cells) => cells.slice(3))).toContainEqual(expected)
  }
})

test.each([RESULTS.jitter, RESULTS.oneInstance, RESULTS.expired])('the page holds the counts of everybody in $title', (race) => {
  const page = pageOf(RESULTS)
  for (const { name, ok, refreshes, grantsLost, rounds, ms } of race.results) {
    const expected = [counts(ok), counts(refreshes), `${grantsLost} of ${rounds}`, english(Math.round(ms))]
    expect(rowsOf(page, name)).toContainEqual(expected)
  }
})

test('the page holds every size, every heap and what the authorization server has counted', () => {
  const page = pageOf(RESULTS)
  for (const { name, own, all } of RESULTS.sizes)
    expect(rowsOf(page, name).map((cells) => cells.slice(0, 2))).toContainEqual([own, all].map((bytes) => (bytes / 1000).toFixed(1)))
  expect(rowsOf(page, 'axios-renew')).toContainEqual(['0.91', '5.58', '6.04', '5.52'])
  expect(rowsOf(page, 'hand-written map of all tokens')).toEqual([['0.88', '9.59', '47.9', '192']])
  expect(rowsOf(page, 'axios-auth-refresh, an instance an account')).toEqual([['6.30', '64.3', '322', 'not tried']])
  expect(page).toContain('An idle session takes 585 bytes')
  for (const { way, processes, tokenRequests, grantsLost, succeeded } of RESULTS.fleet.results) {
    const seen = [tokenRequests.range, grantsLost.range, succeeded.range].map(counts)
    const cells = rowsOf(page, way).find(([count]) => count === String(processes)) ?? []
    expect([cells[1], cells[3], cells[4]]).toEqual([seen[0], seen[1], `${seen[2]} of ${english(processes * 200)}`])
  }
})

test('the page holds the environment', () => {
  const { date, node, cpu, versions } = RESULTS.environment
  const page = pageOf(RESULTS)
  for (const text of [date, node, cpu, ...Object.entries(versions).map(([name, version]) => `| ${name} | ${version} |`)])
    expect(page).toContain(text)
})

test('bars that are met are said to be met, and bars that are missed to be missed', () => {
  const [burst, ...others] = [...RESULTS.bursts].reverse()
  if (!burst) throw new Error('no burst')
  const slower: Results = {
    ...RESULTS,
    fastPath: withResult(RESULTS.fastPath, 'axios-renew', { ratio: 1.0801 }),
    bursts: [...others.reverse(), withResult(burst, 'axios-renew', { ratio: 0.7501 })],
    memory: { ...RESULTS.memory, perIdleSession: 700.4 },
  }
  const verdicts = (results: Results) => pageOf(results).match(/(?<=: )(met|\*\*not met\*\*|\*\*missed in this run\*\*)(?=[,.])/g)
  expect(verdicts(RESULTS)).toEqual(['met', 'met', 'met', '**not met**', '**not met**'])
  expect(verdicts(slower)).toEqual([...Array(3).fill('**missed in this run**'), '**not met**', '**not met**'])
})

test('who does better is named', () => {
  const page = pageOf(RESULTS)
  expect(page).toContain(
    'Faster than axios-renew by more than 1 % of the reference, with all requests answered: axios-auth-refresh, deduplicateRefresh: false at N = 10.',
  )
  expect(page).toContain('Smaller than axios-renew: axios-jwt (4.8 kB), axios-auth-refresh-queue (1.0 kB)')
  expect(page).toContain(
    'Cheaper than axios-renew by more than 1 % of the reference: hand-written header interceptor, hand-written shared promise,',
  )
})

test('a difference that the next run turns round is none', () => {
  const near = withResult(RESULTS.fastPath, 'hand-written shared promise', { ratio: 1.0431 })
  expect(pageOf({ ...RESULTS, fastPath: near })).toContain(
    '1 % of the reference: hand-written header interceptor, axios-auth-refresh-queue',
  )
  const [burst, ...others] = RESULTS.bursts
  if (!burst) throw new Error('no burst')
  const bursts = [withResult(burst, 'axios-auth-refresh, deduplicateRefresh: false', { ratio: 0.981 }), ...others]
  expect(pageOf({ ...RESULTS, bursts })).not.toContain('Faster than')
})

test('when this library loses a request, the page does not say that it was right', () => {
  const failing = { ...RESULTS, jitter: { ...RESULTS.jitter, ...withResult(RESULTS.jitter, 'axios-renew', { ok: [999, 1000] }) } }
  expect(pageOf(RESULTS)).toContain('no grant lost in all rounds: axios-renew; over one')
  expect(pageOf(failing)).toContain('no grant lost in all rounds: nobody; over one')
})

test('a quick run says that its numbers mean nothing', () => {
  const quick = { ...RESULTS, environment: { ...RESULTS.environment, quick: true } }
  expect(pageOf(quick)).toContain('the numbers mean nothing')
  expect(pageOf(RESULTS)).not.toContain('the numbers mean nothing')
})

test('what was left out is named', () => {
  const without = { ...RESULTS, fleet: { ...RESULTS.fleet, missing: ['No postgres here.'] } }
  expect(pageOf(without)).toContain('- No postgres here.')
})
