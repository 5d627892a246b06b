import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** The lock is renewed at a third of it: more often than a hidden tab may run timers. */
const TIMES = { leaseMs: 2000, refreshTimeoutMs: 20_000 }

/** By then another tab has taken a lock that is not renewed: it must have watched it for half a lease, which takes it five looks. */
const LONG_MS = 8000

/** Where it has Web Locks, and where not. */
const HOSTS = ['127.0.0.1', 'app.test']
const args = ['--host-resolver-rules=MAP app.test 127.0.0.1']

describeTabs('a tab in the background', (site) => {
  test.each(HOSTS)(
    'keeps its lock through an answer that takes longer than the lease, though its timers run once a second (%s)',
    async (host) => {
      const { openTab } = await startBrowser({ args, hidesTabs: true })
      const hidden = await openTab(site().origin(host), TIMES)
      const front = await openTab(site().origin(host), TIMES)
      await keepBeating(hidden)
      await front.bringToFront()
      expect(await front.evaluate(() => tab.hasWebLocks())).toBe(host === '127.0.0.1')
      await hidden.evaluate(() => tab.signIn())
      expect(await front.evaluate(() => tab.request())).toBe(200)
      await slowedDown(hidden)

      site().expireAccessTokens()
      site().beforeAnswer.close()
      const first = hidden.evaluate(() => tab.request())
      await site().beforeAnswer.arrival()
      const second = front.evaluate(() => tab.request())
      await sleep(LONG_MS)
      expect(site().tokenRequests).toBe(1)
      site().beforeAnswer.open()

      expect(await Promise.all([first, second])).toEqual([200, 200])
      expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    },
    60_000,
  )

  test.each(HOSTS)(
    'whose timers do not run at all loses its lock, sends nothing, and has the pair of another when it goes on (%s)',
    async (host) => {
      const { context, openTab } = await startBrowser({ args })
      await context.addInitScript(() => {
        // Once a minute, say, which this test does not wait for.
        if (location.search === '?slow') window.setTimeout = (() => 0) as unknown as typeof setTimeout
      })
      const slow = await openTab(`${site().origin(host)}/?slow`, { ...TIMES, gateUnderLock: true })
      const other = await openTab(site().origin(host), TIMES)
      await slow.evaluate(() => tab.signIn())
      expect(await other.evaluate(() => tab.request())).toBe(200)

      site().expireAccessTokens()
      site().gate.close()
      const first = slow.evaluate(() => tab.request())
      await site().gate.arrival()
      expect(await other.evaluate(() => tab.request())).toBe(200)
      expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
      site().gate.open()

      expect(await first).toBe(200)
      expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    },
    60_000,
  )
})

/** From now on a timer of the page begins the next one. */
function keepBeating(page: Page): Promise<void> {
  // Not in the title: tabs that change theirs are not slowed down as much.
  return page.evaluate(() => {
    let beats = 0
    const beat = () => {
      document.body.dataset.beats = String(++beats)
      setTimeout(beat, 100)
    }
    beat()
  })
}

/** Settles when no such timer has run for 2 s: by then Chromium lets them run once a minute, and all others once a second. */
async function slowedDown(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden')
  const beats = () => page.evaluate(() => document.body.dataset.beats)
  for (let before: string | undefined; before !== (await beats()); ) {
    before = await beats()
    await sleep(2000)
  }
}
