import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeTabs, startBrowser, temporaryFolder } from './support/browser.ts'

/** "Don't allow sites to save data on your device", in Chromium's settings: that of cookies is meant for all site data. */
const BLOCKED = { profile: { default_content_setting_values: { cookies: 2 } } }

describeTabs('a page whose storage is blocked in the settings of the browser', (site) => {
  test('keeps its pair in memory, and says so', async () => {
    const { openTab } = await startBrowser({ profile: await profileWith(BLOCKED) })
    const page = await openTab(site().origin())
    await page.evaluate(() => tab.signIn())
    expect(await page.evaluate(() => tab.request())).toBe(200)
    site().expireAccessTokens()
    expect(await page.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    const events = await page.evaluate(() => tab.events())
    expect(events.filter((name) => name === 'store-degraded')).toHaveLength(1)

    // Nothing was written anywhere.
    await page.reload()
    await page.evaluate(() => tab.start())
    expect(await page.evaluate(() => tab.request())).toBe(401)
    expect(site().tokenRequests).toBe(1)
  }, 60_000)
})

/** The folder of a browser that has never run, with these settings. */
async function profileWith(preferences: object): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'Default'))
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
  return folder
}
