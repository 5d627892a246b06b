import { expect, test } from 'vitest'
import type { Entries, Site } from './support/site.ts'
import { askAgain, expectAlert, expectForm, expectOrders, signIn, signOut } from './support/visitor.ts'

/** Two tabs of somebody who is signed in. */
async function twoSignedIn({ open, backEnd }: Site) {
  const page = await open('/orders')
  await signIn(page)
  await expectOrders(page)
  const other = await open('/orders')
  await expectOrders(other)
  return { page, other, backEnd }
}

/** What one tab does to another. */
export function tabs(start: (entry?: keyof Entries) => Promise<Site>): void {
  test('who signs out in one tab sees the form in the other at once, and it asks for nothing', async () => {
    const { page, other, backEnd } = await twoSignedIn(await start())
    const before = { ...backEnd.counters }

    await signOut(page)
    const signedOutAt = Date.now()
    await Promise.all([expectForm(page), expectForm(other)])
    expect(Date.now() - signedOutAt).toBeLessThan(1000)
    expect(await other.getByRole('listitem').count()).toBe(0)
    expect(backEnd.counters).toEqual(before)
  }, 60_000)

  test('who signs in in one tab is signed in in the other, and each order is asked for once a tab', async () => {
    const { open, backEnd, asked } = await start()
    const page = await open('/orders')
    const other = await open('/orders')
    await Promise.all([expectForm(page), expectForm(other)])
    await signIn(page)
    await Promise.all([expectOrders(page), expectOrders(other)])
    expect(asked()).toBe(10)
    expect(backEnd.counters).toEqual({ signIns: 1, requests: 10, refusals: 0, tokenRequests: 0 })
  }, 60_000)

  test('a sign-in in one tab heals the other, whose session had ended', async () => {
    const { page, other, backEnd } = await twoSignedIn(await start())
    await backEnd.lockOut()
    await askAgain(page)
    // The other learns of the end, too.
    await Promise.all([page, other].map((tab) => expectAlert(tab, 'Your session has ended.')))
    expect(backEnd.counters.tokenRequests).toBe(1)

    await signIn(page)
    await Promise.all([expectOrders(page), expectOrders(other)])
    expect(backEnd.counters).toMatchObject({ signIns: 2, tokenRequests: 1 })
  }, 60_000)

  test('two tabs that are opened with an expired token: one token request', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await backEnd.expire()
    const opened = await Promise.all([open('/orders'), open('/orders')])
    await Promise.all(opened.map((tab) => expectOrders(tab)))
    expect(backEnd.counters.tokenRequests).toBe(1)
    for (const tab of opened) expect(await tab.evaluate(() => shown)).not.toContain('form')
    // The first has got the new pair, too.
    const { requests, refusals } = backEnd.counters
    await askAgain(page)
    await expect.poll(() => backEnd.counters.requests, { timeout: 15_000 }).toBe(requests + 5)
    await expectOrders(page)
    expect(backEnd.counters).toMatchObject({ tokenRequests: 1, refusals })
  }, 60_000)
}
