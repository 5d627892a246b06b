import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('signing in and out', (site) => {
  test('reaches all tabs within a second, without a request', async () => {
    const { openTabs } = await startBrowser()
    const tabs = await openTabs(6, site().origin())
    const [first, ...others] = tabs
    // Once they have looked they know whose status it is.
    for (const page of tabs) expect(await page.evaluate(() => tab.request())).toBe(401)

    for (const status of ['active', 'signed-out', 'active'] as const) {
      const reached = others.map((page) => page.evaluate((wanted) => tab.reaches(wanted), status))
      const { requests } = site()
      const started = Date.now()
      await first?.evaluate((wanted) => (wanted === 'active' ? tab.signIn() : tab.signOut()), status)
      const delays = (await Promise.all(reached)).map((at) => at - started)
      process.stdout.write(`'${status}' reached 5 other tabs within ${Math.max(...delays)} ms\n`)
      expect(Math.max(...delays)).toBeLessThan(1000)
      expect(site().requests).toBe(requests)
    }

    expect(await Promise.all(tabs.map((page) => page.evaluate(() => tab.request())))).toEqual(tabs.map(() => 200))
    expect(site()).toMatchObject({ tokenRequests: 0, pairs: 2, revoked: 0 })
  }, 60_000)

  test('is written before it is told, so that a page may leave at once', async () => {
    const { openTabs } = await startBrowser()
    const [page, other] = await openTabs(2, site().origin())
    if (!page || !other) throw new Error('expected two tabs')
    for (let round = 0; round < 15; round++) {
      await page.evaluate(() => tab.signIn())
      const left = page.waitForEvent('load')
      await page.evaluate(() => tab.signOutAndLeave())
      await left
      await page.evaluate(() => tab.start())
      expect(await Promise.all([page, other].map((each) => each.evaluate(() => tab.request())))).toEqual([401, 401])
    }
  }, 60_000)
})
