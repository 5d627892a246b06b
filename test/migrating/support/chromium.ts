import type { Page } from 'playwright'
import ts from 'typescript'
import { bundlePage } from '../../support/bundle-page.ts'
import { startBrowser } from '../../tabs/support/browser.ts'
import { type BackEnd, startBackEnd } from './back-end.ts'
import { compiled, Guide } from './guide.ts'
import type { AppModule } from './page.ts'

declare global {
  /** What the blocks of a page export. */
  var app: AppModule & { bringBack(): Promise<void> }
}

/** Real tabs of a real browser, on the origin of the back end. */
export interface Tabs {
  readonly backEnd: BackEnd
  /** Opens a page whose script is made of blocks of a guide; `/login` is the page that was opened last. */
  open(guide: string, titles: string | string[], preamble?: string): Promise<Page>
}

export async function startTabs(): Promise<Tabs> {
  const backEnd = await startBackEnd()
  const { context } = await startBrowser()
  return {
    backEnd,
    async open(name, titles, preamble = '') {
      const guide = new Guide(name)
      const code = [titles].flat().map((title) => guide.block(title))
      const script = await bundle(compiled([...code, preamble].join('\n'), ts.ModuleKind.ESNext, backEnd.url))
      backEnd.scripts.set('/page', script).set('/login', script)
      const page = await context.newPage()
      await page.goto(`${backEnd.url}/page`)
      return page
    },
  }
}

function bundle(contents: string): Promise<string> {
  return bundlePage({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'js' },
    globalName: 'app',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
}

/** So many requests at once in a tab; gives how many succeeded. */
export function burstIn(page: Page, count: number): Promise<number> {
  return page.evaluate(async (count) => {
    const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, i) => app.api.get(`/orders/${i}`)))
    return outcomes.filter(({ status }) => status === 'fulfilled').length
  }, count)
}

export function signInOn(page: Page): Promise<void> {
  return page.evaluate(() => app.signIn('maria', 'secret'))
}

/** The keys of localStorage. */
export function keysOf(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage))
}
