import { expect, test } from 'vitest'
import { PASSWORD } from '../../examples/pages/back-end.ts'
import type { Entries, Site } from './support/site.ts'
import { expectForm, expectOrders, signIn } from './support/visitor.ts'

/** How an app lets go: of the session, and of what belongs to a user. */
export function leaving(start: (entry?: keyof Entries) => Promise<Site>): void {
  test('an app that is taken away leaves no listener behind', async () => {
    const { open } = await start('exposed')
    const page = await open('/orders')
    await expectForm(page)
    const signedOut = await page.evaluate(() => exposed.listeners())
    expect(signedOut).toBeGreaterThan(0)
    await signIn(page)
    await expectOrders(page)
    expect(await page.evaluate(() => exposed.listeners())).toBeGreaterThan(signedOut)

    // What is guarded listens only while it is there.
    await page.getByRole('link', { name: 'The shop' }).click()
    await page.getByRole('heading', { name: 'Welcome' }).waitFor()
    expect(await page.evaluate(() => exposed.listeners())).toBeLessThanOrEqual(signedOut)

    await page.evaluate(() => exposed.unmount())
    expect(await page.evaluate(() => exposed.listeners())).toBe(0)
  }, 60_000)

  test('a tab that has missed the sign-out of one user shows nothing of theirs to the next', async () => {
    const { open } = await start('exposed')
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    const other = await open('/orders')
    await expectOrders(other)

    await other.evaluate((password) => exposed.signIn('Ali', password), PASSWORD)
    await Promise.all([expectOrders(page, 'Ali'), expectOrders(other, 'Ali')])
  }, 60_000)
}
