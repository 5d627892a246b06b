import { expect, test } from 'vitest'
import { describeTabs, startBrowser, temporaryFolder } from './support/browser.ts'
import { processesOf } from './support/processes.ts'

describeTabs('a browser that is killed', (site) => {
  test('a second after a rotation starts again with the new pair', async () => {
    const profile = await temporaryFolder()
    const { context, openTab } = await startBrowser({ profile })
    const page = await openTab(site().origin())
    await page.evaluate(() => tab.signIn())
    site().expireAccessTokens()
    expect(await page.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2 })

    const [browserProcess = 0] = processesOf(profile)
    const closed = new Promise<void>((resolve) => context.once('close', () => resolve()))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    process.kill(browserProcess, 'SIGKILL')
    await closed

    const again = await (await startBrowser({ profile })).openTab(site().origin())
    expect(await again.evaluate(() => tab.request())).toBe(200)
    site().expireAccessTokens()
    expect(await again.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 2, pairs: 3, revoked: 0 })
  }, 60_000)
})
