import { expect, test } from 'vitest'
import type { Entries, Site } from './support/site.ts'
import { askAgain, expectAlert, expectForm, expectHeading, expectOrders, pathOf, signIn } from './support/visitor.ts'

const ENDED = 'Your session has ended. Please sign in again.'

/** How tokens come to their end. */
export function expiring(start: (entry?: keyof Entries) => Promise<Site>): void {
  test('five requests with an expired token: one token request, and nobody notices', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await backEnd.expire()
    await page.evaluate(() => void shown.splice(0))

    await askAgain(page)
    await expect.poll(() => backEnd.counters.requests - backEnd.counters.refusals, { timeout: 15_000 }).toBe(10)
    await expectOrders(page)
    expect(backEnd.counters.tokenRequests).toBe(1)
    expect(backEnd.counters.refusals).toBeGreaterThan(0)
    expect(await page.evaluate(() => shown)).toEqual([])
  }, 60_000)

  test('a page that is loaded with an expired token: one token request, and no form', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await backEnd.expire()
    await page.reload()
    await expectOrders(page)
    expect(backEnd.counters.tokenRequests).toBe(1)
    expect(await page.evaluate(() => [...new Set(shown)])).toEqual(['order'])
  }, 60_000)

  test('a refused refresh token: the page says so, and after a sign-in it is where it was', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await page.getByRole('link', { name: 'a mule' }).click()
    await expectHeading(page, 'Order 4')

    await backEnd.lockOut()
    await page.goBack()
    await expectAlert(page, ENDED)
    await expectForm(page)
    expect(pathOf(page)).toBe('/orders')
    expect(backEnd.counters).toMatchObject({ signIns: 1, tokenRequests: 1 })

    await signIn(page)
    await expectOrders(page)
    expect(pathOf(page)).toBe('/orders')
    expect(backEnd.counters).toMatchObject({ signIns: 2, tokenRequests: 1 })
  }, 60_000)

  test('a session that has ended is not tried again by the next page, which shows the message and the form at once', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await backEnd.lockOut()
    await askAgain(page)
    await expectAlert(page, ENDED)
    const { requests } = backEnd.counters

    const other = await open('/orders/2')
    await expectAlert(other, ENDED)
    expect(await other.evaluate(() => shown)).not.toContain('order')
    expect(backEnd.counters).toMatchObject({ requests, tokenRequests: 1 })
    await signIn(other)
    await expectHeading(other, 'Order 2')
  }, 60_000)
}
