import { expect, test } from 'vitest'
import type { Entries, Site } from './support/site.ts'
import { expectAlert, expectForm, expectHeading, expectNoForm, expectOrders, fillIn, pathOf, signIn, signOut } from './support/visitor.ts'

/** How one gets in, and where to. */
export function signingIn(start: (entry?: keyof Entries) => Promise<Site>): void {
  test('everybody sees the public page, and only who signs in the orders', async () => {
    const { open, backEnd, asked } = await start()
    const page = await open('/')
    await expectHeading(page, 'Welcome')
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)

    await page.getByRole('navigation').getByRole('link', { name: 'Your orders' }).click()
    await expectForm(page)
    expect(backEnd.counters).toMatchObject({ signIns: 0, requests: 0, tokenRequests: 0 })

    await signIn(page)
    await expectOrders(page)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    // StrictMode, too, asks for each order once.
    expect(asked()).toBe(5)
    expect(backEnd.counters).toEqual({ signIns: 1, requests: 5, refusals: 0, tokenRequests: 0 })

    // What is public knows of the session by itself.
    const other = await open('/')
    await other.getByRole('button', { name: 'Sign out' }).waitFor()
  }, 60_000)

  test('a deep link leads where it says, after the sign-in', async () => {
    const { open } = await start()
    const page = await open('/orders/3')
    await expectForm(page)
    await signIn(page)
    await expectHeading(page, 'Order 3')
    await page.getByText('a flying carpet for Maria').waitFor()
    expect(pathOf(page)).toBe('/orders/3')
  }, 60_000)

  test('a wrong password is said to be one, and another try is welcome', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page, 'Maria', 'sesame')
    await expectAlert(page, 'That is not the password.')
    expect(backEnd.counters.signIns).toBe(0)
    await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('Maria')
    await signIn(page)
    await expectOrders(page)
  }, 60_000)

  test('who clicks twice signs in once', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await fillIn(page, 'Maria')
    await page.getByRole('button', { name: 'Sign in' }).dblclick()
    await expectOrders(page)
    expect(backEnd.counters).toEqual({ signIns: 1, requests: 5, refusals: 0, tokenRequests: 0 })
  }, 60_000)

  test('a page that is loaded again never shows the sign-in form', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    expect(await page.evaluate(() => [...new Set(shown)])).toEqual(['form', 'order'])

    for (let times = 1; times <= 3; times++) {
      await page.reload()
      await expectOrders(page)
      expect(await page.evaluate(() => [...new Set(shown)])).toEqual(['order'])
    }
    expect(backEnd.counters).toEqual({ signIns: 1, requests: 20, refusals: 0, tokenRequests: 0 })
  }, 60_000)

  test('who has signed out stays so when the page is loaded again, and the page asks for nothing', async () => {
    const { open, backEnd } = await start()
    const page = await open('/orders')
    await signIn(page)
    await expectOrders(page)
    await signOut(page)
    await expectForm(page)
    await page.reload()
    await expectForm(page)
    expect(await page.evaluate(() => [...new Set(shown)])).toEqual(['form'])
    expect(backEnd.counters).toEqual({ signIns: 1, requests: 5, refusals: 0, tokenRequests: 0 })
  }, 60_000)

  test('a browser whose storage fails is told of, and asked again', async () => {
    const { open, context } = await start()
    await context.addInitScript(() => {
      const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = () => {
        throw new DOMException('The disk is tired', 'UnknownError')
      }
      addEventListener('storage-recovers', () => Object.assign(IDBFactory.prototype, { open }))
    })
    const page = await open('/orders')
    await expectAlert(page, 'This browser does not say who is signed in.')
    await expectNoForm(page)
    await page.evaluate(() => dispatchEvent(new Event('storage-recovers')))
    await page.getByRole('button', { name: 'Try again' }).click()
    await expectForm(page)
  }, 60_000)
}
