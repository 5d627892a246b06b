import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

describeTabs('a tab that is closed in the middle of a refresh', (site) => {
  test('is followed by another at once, when the server had not acted', async () => {
    const { openTabs } = await startBrowser()
    const [closing, other] = await openTabs(2, site().origin())
    await closing?.evaluate(() => tab.signIn())
    expect(await other?.evaluate(() => tab.request())).toBe(200)

    site().expireAccessTokens()
    site().beforeCommit.close()
    closing?.evaluate(() => tab.request()).catch(() => {})
    await site().beforeCommit.arrival()
    const request = other?.evaluate(() => tab.request())
    await closing?.close()
    // The request of the tab that is gone ends with its connection.
    await expect.poll(() => site().tokenRequests, { timeout: 20_000 }).toBe(2)
    site().beforeCommit.open()

    expect(await request).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 2, pairs: 2, revoked: 0 })
  }, 60_000)

  test('costs the session, without a hang, when the server had acted: no client can prevent it', async () => {
    const { openTabs } = await startBrowser()
    const [closing, other] = await openTabs(2, site().origin())
    await closing?.evaluate(() => tab.signIn())
    expect(await other?.evaluate(() => tab.request())).toBe(200)

    site().expireAccessTokens()
    site().beforeAnswer.close()
    closing?.evaluate(() => tab.request()).catch(() => {})
    await site().beforeAnswer.arrival()
    const request = other?.evaluate(() => tab.request())
    await closing?.close()

    expect(await request).toBe('ERR_SESSION_ENDED')
    await other?.evaluate(() => tab.signIn())
    expect(await other?.evaluate(() => tab.request())).toBe(200)
  }, 60_000)
})
