import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { beforeAll, beforeEach, describe, onTestFinished } from 'vitest'
import { findProgram } from '../../../scripts/requirements.mjs'
import { bundlePage } from '../../support/bundle-page.ts'
import { startBackgroundBrowser } from './background-browser.ts'
import type { TabOptions } from './page.ts'
import { Site } from './site.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const executablePath = findProgram('chromium')
if (!executablePath && process.env.CI) throw new Error('No Chromium: `node scripts/prepare-tests.mjs` installs it or says how')
if (!executablePath) console.warn('!!! No Chromium: the tests with several tabs (test/tabs) are left out')

/** `describe`, with a site that is new for every test; left out where there is no Chromium. */
export function describeTabs(name: string, tests: (site: () => Site) => void): void {
  describe.skipIf(!executablePath)(name, () => {
    let script = ''
    let site: Site
    beforeAll(async () => {
      script = await bundlePage({ entryPoints: [path('./page.ts')] })
    })
    beforeEach(async () => {
      site = new Site(script)
      await site.start()
      return () => site.stop()
    })
    tests(() => site)
  })
}

/** A running Chromium; the tabs share one storage. */
interface TestBrowser {
  readonly context: BrowserContext
  /** Opens a tab of the site and starts its session. */
  openTab(origin: string, options?: TabOptions): Promise<Page>
  openTabs(count: number, origin: string, options?: TabOptions): Promise<Page[]>
  /** The process that draws a tab. */
  processOf(page: Page): Promise<number>
}

interface BrowserOptions {
  /** Where it keeps its storage. Default: a folder that is removed when the test ends. */
  profile?: string
  args?: string[]
  /** Hide the tabs that are not in front, and slow down their timers, as browsers do. Default: all count as being in front. */
  hidesTabs?: boolean
}

/** Starts Chromium; it is closed when the test ends. */
export async function startBrowser({ profile, args = [], hidesTabs }: BrowserOptions = {}): Promise<TestBrowser> {
  const folder = profile ?? (await temporaryFolder())
  const context = hidesTabs ? await startBackgroundBrowser(String(executablePath), folder, args) : await launch(folder, args)
  const openTab: TestBrowser['openTab'] = async (origin, options) => {
    const page = await context.newPage()
    await page.goto(origin)
    await page.evaluate((given) => tab.start(given), options)
    return page
  }
  return {
    context,
    openTab,
    openTabs: (count, origin, options) => Promise.all(Array.from({ length: count }, () => openTab(origin, options))),
    processOf: (page) => processOf(context, page),
  }
}

async function launch(profile: string, args: string[]): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    // Else pages are always loaded anew, which is not what users see.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--renderer-process-limit=100', ...args],
  })
  onTestFinished(() => context.close())
  return context
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-tabs-'))
  // A browser that was just killed may still be writing there.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  return folder
}

/** The one that is busy when the page is. */
async function processOf(context: BrowserContext, page: Page): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession()
  if (!session) throw new Error('expected a browser')
  const timesOf = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]))
  }
  // Pages that were just loaded are busy, too.
  for (;;) {
    const before = await timesOf()
    await page.evaluate(() => {
      for (const end = performance.now() + 400; performance.now() < end; );
    })
    const spent = [...(await timesOf())].map(([id, time]) => [time - (before.get(id) ?? 0), id] as const)
    const busy = spent.filter(([time]) => time > 0.1)
    if (busy.length === 1 && busy[0] && (await stopsWith(page, busy[0][1]))) return busy[0][1]
  }
}

/** Whether a page answers only when that process runs. On a busy machine another may have looked as if it was the one. */
async function stopsWith(page: Page, id: number): Promise<boolean> {
  process.kill(id, 'SIGSTOP')
  const timer = new Promise<true>((resolve) => setTimeout(resolve, 300, true))
  const answer = page.evaluate(() => false as const)
  const stopped = await Promise.race([answer, timer])
  process.kill(id, 'SIGCONT')
  await answer
  return stopped
}
