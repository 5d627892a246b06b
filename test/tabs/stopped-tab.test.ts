import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { describeTabs, startBrowser } from './support/browser.ts'
import type { Site } from './support/site.ts'

/** Long enough for a request on a busy machine, short enough to be waited for. */
const TIMES = { leaseMs: 3000, refreshTimeoutMs: 8000 }

describeTabs('a tab whose renderer is stopped while it holds the lock', (site) => {
  test('loses it before it has sent anything: another refreshes, and the newest pair survives', async () => {
    const { openTab, processOf } = await startBrowser()
    const stopping = await openTab(site().origin(), { ...TIMES, gateUnderLock: true })
    const other = await openTab(site().origin(), TIMES)
    await stopping.evaluate(() => tab.signIn())
    expect(await other.evaluate(() => tab.request())).toBe(200)
    const processId = await processOf(stopping)
    expect(await processOf(other)).not.toBe(processId)

    site().expireAccessTokens()
    site().gate.close()
    const stopped = stopping.evaluate(() => tab.request())
    await site().gate.arrival()
    process.kill(processId, 'SIGSTOP')
    try {
      site().gate.open()
      const started = performance.now()
      expect(await other.evaluate(() => tab.request())).toBe(200)
      const ms = Math.round(performance.now() - started)
      process.stdout.write(`the lease of a stopped tab (${TIMES.leaseMs} ms) passed on after ${ms} ms\n`)
      expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    } finally {
      process.kill(processId, 'SIGCONT')
    }

    expect(await stopped).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
    await rotateOnce(site, [stopping, other])
  }, 60_000)

  test('keeps it while its answer is under way: another gets a clear error, and the newest pair survives', async () => {
    const { openTab, processOf } = await startBrowser()
    const stopping = await openTab(site().origin(), { refreshTimeoutMs: 8000 })
    const other = await openTab(site().origin(), { refreshTimeoutMs: 1500 })
    await stopping.evaluate(() => tab.signIn())
    expect(await other.evaluate(() => tab.request())).toBe(200)
    const processId = await processOf(stopping)
    expect(await processOf(other)).not.toBe(processId)

    site().expireAccessTokens()
    site().beforeAnswer.close()
    const stopped = stopping.evaluate(() => tab.request())
    await site().beforeAnswer.arrival()
    process.kill(processId, 'SIGSTOP')
    try {
      site().beforeAnswer.open()
      expect(await other.evaluate(() => tab.request())).toBe('ERR_LOCK_TIMEOUT')
    } finally {
      process.kill(processId, 'SIGCONT')
    }

    expect(await stopped).toBe(200)
    expect(await other.evaluate(() => tab.request())).toBe(200)
    expect(site()).toMatchObject({ tokenRequests: 1, pairs: 2, revoked: 0 })
  }, 60_000)
})

async function rotateOnce(site: () => Site, tabs: readonly Page[]): Promise<void> {
  const { tokenRequests } = site()
  site().expireAccessTokens()
  expect(await Promise.all(tabs.map((page) => page.evaluate(() => tab.request())))).toEqual(tabs.map(() => 200))
  expect(site()).toMatchObject({ tokenRequests: tokenRequests + 1, revoked: 0 })
}
