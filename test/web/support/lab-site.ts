import type { BrowserContext, Page } from 'playwright'
import { beforeAll, describe, expect, onTestFinished } from 'vitest'
import { bundle } from '../../../examples/pages/bundle.ts'
import { startPageServer } from '../../../examples/pages/page-server.ts'
import type { ContestantName } from '../../../examples/web/names.ts'
import { type Lab, startLab } from '../../../examples/web/servers/lab.ts'
import type { LaneCounters } from '../../../examples/web/servers/lane.ts'
import { findProgram } from '../../../scripts/requirements.mjs'
import { startBrowser } from '../../tabs/support/browser.ts'

/** The page with its servers, and a browser in which it is looked at. */
export interface LabSite {
  readonly lab: Lab
  readonly context: BrowserContext
  /** What the servers of a contestant have counted; the library's, unless another is named. */
  counted(who?: ContestantName): LaneCounters
  /** How often the tabs have fetched a first pair. */
  signIns(): number
  /** Opens a tab, and waits until it is ready. */
  open(): Promise<Page>
}

/** On a busy machine. */
export const PATIENCE = { timeout: 20_000 }

/** `describe`, with a way to start the page for a test; left out where there is no Chromium. */
export function describeLab(name: string, tests: (start: () => Promise<LabSite>) => void): void {
  describe.skipIf(!findProgram('chromium'))(name, () => {
    let script = ''
    beforeAll(async () => {
      script = await bundle(new URL('../../../examples/web/main.ts', import.meta.url))
    }, 60_000)
    tests(() => startSite(script))
  })
}

async function startSite(script: string): Promise<LabSite> {
  const lab = await startLab()
  const page = new URL('../../../examples/web/page/page.html', import.meta.url)
  const server = await startPageServer({ script, page, backEnd: lab })
  onTestFinished(() => server.close())
  const { context } = await startBrowser()
  let signIns = 0
  context.on('request', (request) => {
    if (request.url().includes('/ours/sign-in')) signIns++
  })
  return {
    lab,
    context,
    counted: (who = 'ours') => lab.lanes[who].counters(),
    signIns: () => signIns,
    async open() {
      const tab = await context.newPage()
      await tab.goto(server.url)
      await isReady(tab)
      return tab
    },
  }
}

/** Waits until a tab has said its first words. */
export async function isReady(page: Page): Promise<void> {
  await expect.poll(() => said(page), PATIENCE).toContain('Send 30 requests')
}

/** What the page says has just happened. */
export function said(page: Page): Promise<string> {
  return page.getByRole('status').innerText()
}

/** Presses a button by its name. */
export function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click()
}

/** Presses a button of trouble, and waits until the page says that it is done. */
export async function pressAndHear(page: Page, name: string, words: string): Promise<void> {
  await press(page, name)
  await expect.poll(() => said(page), PATIENCE).toContain(words)
}

/** Sends the thirty requests, and waits until all of them are over. Gives what the page says then. */
export async function send(page: Page): Promise<string> {
  await press(page, 'Send 30 requests')
  await isOver(page)
  return said(page)
}

/** Waits until a tab sends no more. */
export async function isOver(page: Page): Promise<void> {
  await expect.poll(() => page.locator('#send').getAttribute('aria-disabled'), PATIENCE).toBeNull()
}

/** What callers got, as it stands beside the rows, and how often. */
export async function outcomes(page: Page): Promise<Record<string, number>> {
  const texts = await page.locator('#chart .outcome').allTextContents()
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

/** How many pieces of a kind are drawn. */
export function drawn(page: Page, kind: string): Promise<number> {
  return page.locator(`#chart .${kind}`).count()
}

/** A fact about this tab: `Session`, `In hand`, `Authorization server`. */
export function fact(page: Page, id: 'standing' | 'pair' | 'server'): Promise<string> {
  return page.locator(`#${id}`).innerText()
}
