import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('a tab that goes back', (site) => {
  test('comes out of the back/forward cache with the pair that another tab has got meanwhile', async () => {
    const { openTabs } = await startBrowser()
    const [travelling, staying] = await openTabs(2, site().origin())
    await travelling?.evaluate(() => tab.signIn())
    for (const page of [travelling, staying]) expect(await page?.evaluate(() => tab.request())).toBe(200)

    await travelling?.goto(`${site().origin('localhost')}/elsewhere`)
    site().expireAccessTokens()
    expect(await staying?.evaluate(() => tab.request())).toBe(200)
    expect(site().tokenRequests).toBe(1)

    // A page that was kept is not loaded again.
    await travelling?.goBack({ waitUntil: 'commit' })
    expect(await travelling?.evaluate(() => tab.wasKept())).toBe(true)
    const { refusals } = site()
    expect(await travelling?.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, refusals, revoked: 0 })

    const reached = travelling?.evaluate(() => tab.reaches('signed-out'))
    await staying?.evaluate(() => tab.signOut())
    await reached
  }, 60_000)
})
