import { readdirSync, readFileSync } from 'node:fs'
import { homedir, hostname, tmpdir } from 'node:os'
import { type Browser, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { draw } from '../../bench/page/draw.ts'
import { sectionsOf } from '../../bench/page/page.ts'
import { THEMES } from '../../bench/page/style.ts'
import { requireProgram } from '../support/own-port.ts'
import { RESULTS } from './results.ts'

const executablePath = requireProgram('chromium')
const IMAGES = new URL('../../docs/images/benchmarks/', import.meta.url)

const drawn = sectionsOf(RESULTS).flatMap(({ plot }) =>
  THEMES.map((theme) => ({ name: `${plot.name}, ${theme.name}`, svg: draw(plot, theme) })),
)
const published = publishedPlots().map((name) => ({ name: `${name} of docs`, svg: readFileSync(new URL(name, IMAGES), 'utf8') }))
const plots = [...drawn, ...published]

function publishedPlots(): string[] {
  return readdirSync(IMAGES).filter((name) => name.endsWith('.svg'))
}

test('the plots of the docs are those that the page has, light and dark', () => {
  const expected = sectionsOf(RESULTS).flatMap(({ plot }) => THEMES.map(({ name }) => `${plot.name}-${name}.svg`))
  expect(publishedPlots().sort()).toEqual(expected.sort())
})

test.each(plots)('$name: less than 40 kB, and nothing of the machine', ({ svg }) => {
  expect(Buffer.byteLength(svg)).toBeLessThan(40_000)
  for (const trace of [process.cwd(), homedir(), tmpdir(), hostname(), 'file:']) expect(svg).not.toContain(trace)
})

describe.skipIf(!executablePath)('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
  })
  afterAll(() => browser?.close())

  test.each(plots)('$name: well-formed, and no text is cut off or lies on another', async ({ svg }) => {
    const page = await browser.newPage()
    const { error, texts, width, height } = await page.evaluate((source) => {
      const parsed = new DOMParser().parseFromString(source, 'image/svg+xml')
      const error = parsed.querySelector('parsererror')?.textContent
      document.body.append(document.adoptNode(parsed.documentElement))
      const root = document.querySelector('svg')?.getBoundingClientRect() ?? new DOMRect()
      const texts = [...document.querySelectorAll('svg text')].map((text) => {
        const { left, top, right, bottom } = text.getBoundingClientRect()
        return {
          said: text.textContent ?? '',
          left: left - root.left,
          top: top - root.top,
          right: right - root.left,
          bottom: bottom - root.top,
        }
      })
      return { error, texts, width: root.width, height: root.height }
    }, svg)
    await page.close()

    expect(error).toBeUndefined()
    expect(texts.length).toBeGreaterThan(5)
    const written = texts.filter(({ said }) => said.trim() !== '')
    expect(written.filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > width || bottom > height)).toEqual([])
    // A box is higher than the letters in it.
    const touches = (a: (typeof written)[number], b: (typeof written)[number]) =>
      a.left < b.right && b.left < a.right && a.top + 5 < b.bottom - 5 && b.top + 5 < a.bottom - 5
    expect(written.flatMap((a, i) => written.slice(i + 1).flatMap((b) => (touches(a, b) ? [`${a.said} / ${b.said}`] : [])))).toEqual([])
  })
})
