import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('tabs that sleep for longer than their token lives', (site) => {
  test('wake up to one refresh, and no storm of 401s', async () => {
    site().expiresIn = 2
    const { context, openTabs, processOf } = await startBrowser()
    const tabs = await openTabs(6, site().origin())
    await tabs[0]?.evaluate(() => tab.signIn())
    for (const page of tabs) expect(await page.evaluate(() => tab.request())).toBe(200)
    const processes = await Promise.all(tabs.map(processOf))

    expect(new Set(processes).size).toBe(6)
    void context
  }, 60_000)
})
