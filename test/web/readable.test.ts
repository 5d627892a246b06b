import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { COLOURS } from '../../examples/web/drawing/colours.ts'
import { temporaryFolder } from '../tabs/support/browser.ts'
import { contrastOf, faintTexts, spokenOf } from './support/accessible.ts'
import { describeLab, PATIENCE, pressAndHear, send } from './support/lab-site.ts'

const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
]
const SCHEMES = ['light', 'dark'] as const

/** The states that a reader sees, one after the other; `look` is called in each. */
async function inEachState(page: Page, look: (state: string) => Promise<void>): Promise<void> {
  await look('first')
  await send(page)
  await look('ours')
  await page.getByLabel('a hand-written interceptor').check()
  await send(page)
  await look('by-hand')
  await page.getByLabel('axios-renew').check()
  await pressAndHear(page, 'Cut it off', 'Nothing gets through')
  await pressAndHear(page, 'Expire the token', 'has expired at the server')
  await send(page)
  await look('cut')
}

describeLab('reading the page', (start) => {
  test('on a phone and on a desk, light and dark: every text is legible, and nothing sticks out', async () => {
    const folder = process.env.WEB_SHOTS ?? (await temporaryFolder())
    await mkdir(folder, { recursive: true })
    const { open } = await start()
    const page = await open()
    await inEachState(page, async (state) => {
      for (const size of SIZES) {
        for (const colorScheme of SCHEMES) {
          await page.setViewportSize(size)
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          const name = `${state}-${size.width}x${size.height}-${colorScheme}`
          // Drawn anew for the width.
          await expect
            .poll(() => page.evaluate(() => document.querySelector('#chart svg')?.clientWidth), PATIENCE)
            .toBe(await chartWidth(page))
          await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' })
          const { looked, faint } = await faintTexts(page)
          expect(looked, name).toBeGreaterThan(60)
          expect(faint, name).toEqual([])
          expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(size.width)
        }
      }
    })
  }, 90_000)

  test('nothing sticks out at 360 pixels either, the words included', async () => {
    const { open } = await start()
    const page = await open()
    await page.setViewportSize({ width: 360, height: 740 })
    await page.getByText('The same in words').click()
    await inEachState(page, async (state) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBe(360)
    })
    // What happens came into sight when the requests left, and is not under the bar that stays.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.evaluate(() => scrollTo(0, 0))
    await send(page)
    const [bar, heading] = await Promise.all([page.locator('.send').boundingBox(), page.locator('#stage').boundingBox()])
    expect(bar?.y).toBe(0)
    expect(heading?.y).toBeGreaterThanOrEqual(bar?.height ?? 0)
    expect(heading?.y).toBeLessThan(200)
  }, 90_000)

  test('everything that can be used has a name, and there is one heading of each section', async () => {
    const { open, context } = await start()
    const page = await open()
    await send(page)
    const spoken = await spokenOf(context, page)
    // Chromium has a nameless group around what a summary opens.
    expect(spoken.filter(({ role, name }) => role !== 'group' && !name.trim())).toEqual([])
    const named = (role: string) => spoken.filter((each) => each.role === role).map(({ name }) => name)
    expect(named('button')).toEqual([
      'Send 30 requests',
      'Send 30 in every tab',
      'Expire the token',
      'Revoke the grant',
      'Slow it down',
      'Cut it off',
      'Open another tab',
      'Sign out everywhere',
      'Sign in again',
    ])
    expect(named('radio')).toEqual(['axios-renew', 'a hand-written interceptor'])
    expect(named('group').filter(Boolean)).toEqual(['Tokens are kept fresh by', 'At the authorization server', 'Session'])
    expect(named('image')).toEqual([expect.stringContaining('1 token request')])
    expect(named('table')).toEqual(['What the servers have counted'])
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    const heights = await page.locator('button').evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().height))
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
  }, 60_000)

  test('who wants less motion sees fewer drawings', async () => {
    const { open, context } = await start()
    await context.addInitScript(() => {
      const { setInterval } = globalThis
      globalThis.paces = []
      globalThis.setInterval = ((work: () => void, ms: number) => {
        paces.push(ms)
        return setInterval(work, ms)
      }) as typeof setInterval
    })
    const page = await open()
    for (const [reducedMotion, pace] of [
      ['no-preference', 50],
      ['reduce', 500],
    ] as const) {
      await page.emulateMedia({ reducedMotion })
      await send(page)
      expect(await page.evaluate(() => paces.at(-1))).toBe(pace)
    }
  }, 60_000)
})

declare global {
  /** How often things are done again and again, in ms, in the order in which they were begun. */
  var paces: number[]
}

function chartWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelector('#chart')?.clientWidth ?? 0)
}

test.each(SCHEMES)('in the %s scheme no shape is faint (WCAG 2.2, 1.4.11)', (scheme) => {
  const { panel, fine, refused, waiting, replayed, refresh, saved, accent, onAccent, quiet } = COLOURS[scheme]
  for (const colour of [fine, refused, waiting, replayed, refresh, saved, accent, quiet])
    expect(contrastOf(colour, panel)).toBeGreaterThan(3)
  expect(contrastOf(onAccent, accent)).toBeGreaterThan(4.5)
})
