import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'
import type { Site } from './support/site.ts'

describeTabs('many tabs of one session', (site) => {
  test.each([
    [6, 40],
    [30, 3],
  ])(
    '%i tabs refresh once a rotation, %i times',
    async (count, rotations) => {
      const { openTabs } = await startBrowser()
      const tabs = await openTabs(count, site().origin())
      await tabs[0]?.evaluate(() => tab.signIn())
      await expectRotations(site(), tabs, rotations)
    },
    90_000,
  )

  test('4 tabs on plain http, without Web Locks, refresh once a rotation', async () => {
    const { openTabs } = await startBrowser({ args: ['--host-resolver-rules=MAP app.test 127.0.0.1'] })
    const tabs = await openTabs(4, site().origin('app.test'))
    for (const page of tabs) expect(await page.evaluate(() => tab.hasWebLocks())).toBe(false)
    await tabs[0]?.evaluate(() => tab.signIn())
    await expectRotations(site(), tabs, 10)
  }, 60_000)
})

/** Lets the access token expire again and again, while all tabs ask at once. */
async function expectRotations(site: Site, tabs: readonly Page[], rotations: number): Promise<void> {
  const times: number[] = []
  for (let rotation = 1; rotation <= rotations; rotation++) {
    site.expireAccessTokens()
    const started = performance.now()
    const statuses = await Promise.all(tabs.map((page) => page.evaluate(() => tab.request())))
    times.push(performance.now() - started)
    expect({ statuses, requests: site.tokenRequests, revoked: site.revoked }).toEqual({
      statuses: tabs.map(() => 200),
      requests: rotation,
      revoked: 0,
    })
  }
  times.sort((one, two) => one - two)
  const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))] ?? 0)
  process.stdout.write(`${tabs.length} tabs x ${rotations} rotations: median ${at(0.5)} ms, slowest ${at(1)} ms\n`)
}
