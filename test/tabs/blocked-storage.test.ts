import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('a page whose storage is blocked', (site) => {
  test('keeps its pair in memory, and says so', async () => {
    const { context, openTab } = await startBrowser()
    await context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('denied', 'SecurityError')
      }
    })
    const page = await openTab(site().origin())
    await page.evaluate(() => tab.signIn())
    expect(await page.evaluate(() => tab.request())).toBe(200)
    site().expireAccessTokens()
    expect(await page.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    const events = await page.evaluate(() => tab.events())
    expect(events.filter((name) => name === 'store-degraded')).toHaveLength(1)
  }, 60_000)
})
