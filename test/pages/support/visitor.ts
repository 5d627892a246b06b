import type { Page } from 'playwright'
import { expect } from 'vitest'
import { PASSWORD } from '../../../examples/pages/back-end.ts'

/** On a busy machine. */
const PATIENCE = { timeout: 15_000 }

/** What the orders page shows. */
const ordersOf = (buyer: string): string[] =>
  ['a lamp of brass', 'forty jars of oil', 'a flying carpet', 'a mule', 'six bags of gold'].map((item) => `${item} for ${buyer}`)

export async function fillIn(page: Page, user: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Name').fill(user)
  await page.getByLabel('Password').fill(password)
}

export async function signIn(page: Page, user = 'Maria', password?: string): Promise<void> {
  await fillIn(page, user, password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function expectForm(page: Page): Promise<void> {
  await page.getByRole('form', { name: 'Sign in' }).waitFor(PATIENCE)
}

export async function expectNoForm(page: Page): Promise<void> {
  await page.getByRole('form').waitFor({ ...PATIENCE, state: 'detached' })
}

export async function expectOrders(page: Page, buyer = 'Maria'): Promise<void> {
  await expect.poll(() => linesOf(page), PATIENCE).toEqual(ordersOf(buyer))
}

/** The lines of the orders page, as they are read. */
async function linesOf(page: Page): Promise<string[]> {
  const lines = await page.getByRole('listitem').allTextContents()
  return lines.map((line) => line.replaceAll(/\s+/g, ' ').trim())
}

export async function expectHeading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name, exact: true }).waitFor(PATIENCE)
}

export async function expectAlert(page: Page, text: string): Promise<void> {
  await page.getByRole('alert').filter({ hasText: text }).waitFor(PATIENCE)
}

export async function askAgain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ask again' }).click()
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
}

export const pathOf = (page: Page): string => new URL(page.url()).pathname
