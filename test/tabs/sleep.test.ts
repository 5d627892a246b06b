import { expect, test } from 'vitest'
import { describeTabs, startBrowser, temporaryFolder } from './support/browser.ts'
import { putToSleep } from './support/processes.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describeTabs('tabs that sleep', (site) => {
  test('for longer than their token lives wake up to one refresh, and no 401', async () => {
    site().expiresIn = 5
    const profile = await temporaryFolder()
    const { openTabs } = await startBrowser({ profile })
    const tabs = await openTabs(6, site().origin())
    await tabs[0]?.evaluate(() => tab.signIn())
    const expiry = Date.now() + 5000
    expect(await Promise.all(tabs.map((page) => page.evaluate(() => tab.request())))).toEqual(tabs.map(() => 200))

    const wake = putToSleep(profile)
    const requests = tabs.map((page) => page.evaluate(() => tab.request()))
    await sleep(expiry + 200 - Date.now())
    site().expireAccessTokens()
    wake()

    expect(await Promise.all(requests)).toEqual(tabs.map(() => 200))
    expect(site()).toMatchObject({ tokenRequests: 1, refusals: 0, pairs: 2, revoked: 0 })
  }, 60_000)

  test('in the middle of a refresh, for longer than the lease, do not refresh twice', async () => {
    const profile = await temporaryFolder()
    const { openTabs } = await startBrowser({ profile })
    const tabs = await openTabs(3, site().origin(), { leaseMs: 1500, refreshTimeoutMs: 20_000 })
    await tabs[0]?.evaluate(() => tab.signIn())
    expect(await Promise.all(tabs.map((page) => page.evaluate(() => tab.request())))).toEqual(tabs.map(() => 200))

    site().expireAccessTokens()
    site().beforeAnswer.close()
    const requests = tabs.map((page) => page.evaluate(() => tab.request()))
    await site().beforeAnswer.arrival()
    const wake = putToSleep(profile)
    await sleep(3000)
    wake()
    // They have had the time to look at the lease again.
    await sleep(1600)
    site().beforeAnswer.open()

    expect(await Promise.all(requests)).toEqual(tabs.map(() => 200))
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
  }, 60_000)

  test('in the background, frozen, wake up to the newest pair', async () => {
    const { context, openTabs } = await startBrowser()
    const tabs = await openTabs(2, site().origin())
    const [working, frozen] = tabs
    await working?.evaluate(() => tab.signIn())
    for (const page of tabs) expect(await page.evaluate(() => tab.request())).toBe(200)
    if (!frozen) throw new Error('expected a tab')
    const cdp = await context.newCDPSession(frozen)
    const adopted = frozen.evaluate(() => tab.adopts())

    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
    site().expireAccessTokens()
    expect(await working?.evaluate(() => tab.request())).toBe(200)
    await cdp.send('Page.setWebLifecycleState', { state: 'active' })
    await adopted

    const { refusals } = site()
    expect(await frozen.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, refusals, revoked: 0 })
  }, 60_000)
})
