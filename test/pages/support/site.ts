import type { BrowserContext, Page } from 'playwright'
import { beforeAll, describe, onTestFinished } from 'vitest'
import { type BackEnd, startBackEnd } from '../../../examples/pages/back-end.ts'
import { bundle } from '../../../examples/pages/bundle.ts'
import { startPageServer } from '../../../examples/pages/page-server.ts'
import { findProgram } from '../../../scripts/requirements.mjs'
import { startBrowser } from '../../tabs/support/browser.ts'

/** A site with an app, its back end, and a browser in which it is visited. */
export interface Site {
  readonly backEnd: BackEnd
  readonly context: BrowserContext
  /** How many requests to the API the tabs have begun, those included that were left before they got there. */
  asked(): number
  /** Opens a tab. */
  open(path: string): Promise<Page>
}

/** The first file of an app's script. */
export interface Entries {
  /** As users run it. */
  main: URL
  /** With what {@link expose} gives. */
  exposed: URL
}

/** `describe`, with a way to start a site for a test; left out where there is no Chromium. */
export function describeSite(name: string, entries: Entries, tests: (start: (entry?: keyof Entries) => Promise<Site>) => void): void {
  describe.skipIf(!findProgram('chromium'))(name, () => {
    const scripts = { main: '', exposed: '' }
    beforeAll(async () => {
      scripts.main = await bundle(entries.main)
      scripts.exposed = await bundle(entries.exposed)
    }, 60_000)
    tests((entry = 'main') => startSite(scripts[entry]))
  })
}

async function startSite(script: string): Promise<Site> {
  const backEnd = await startBackEnd()
  const server = await startPageServer({ script, backEnd })
  onTestFinished(() => server.close())
  const { context } = await startBrowser()
  await context.addInitScript(record)
  let asked = 0
  context.on('request', (request) => {
    if (request.url().includes('/api/')) asked++
  })
  return {
    backEnd,
    context,
    asked: () => asked,
    async open(path) {
      const page = await context.newPage()
      await page.goto(server.url + path)
      return page
    },
  }
}

declare global {
  /** What the page has shown since it was loaded, for however short a time. */
  var shown: ('form' | 'order' | 'alert')[]
}

function record(): void {
  globalThis.shown = []
  const look = (node: Node) => {
    if (!(node instanceof Element)) return
    if (node.matches('form')) shown.push('form')
    if (node.matches('[role=alert]')) shown.push('alert')
    if (node.matches('#app li')) shown.push('order')
    node.childNodes.forEach(look)
  }
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) addedNodes.forEach(look)
  })
  observer.observe(document, { childList: true, subtree: true })
}
