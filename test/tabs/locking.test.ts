import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('the lock of webStore, between tabs', (site) => {
  test('lets 6 tabs count to 240 without losing one', async () => {
    const { openTabs } = await startBrowser()
    const tabs = await openTabs(6, site().origin())
    const started = performance.now()
    await Promise.all(tabs.map((page) => page.evaluate(() => tab.increment(40))))
    process.stdout.write(`240 increments of 6 tabs: ${Math.round(performance.now() - started)} ms\n`)
    expect(await tabs[0]?.evaluate(() => tab.count())).toBe(240)
  }, 60_000)
})
