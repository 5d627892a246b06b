import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { describeLab, fact, isOver, isReady, outcomes, PATIENCE, said } from './support/lab-site.ts'

/** What has the focus: its id or value, whether one sees it, and whether something is before it. */
function focused(page: Page): Promise<{ name: string; outlined: boolean; covered: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const { left, top, width, height } = element.getBoundingClientRect()
    const onTop = document.elementFromPoint(left + width / 2, top + height / 2)
    return {
      name: element.id || (element as HTMLInputElement).value || element.localName,
      outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      covered: !element.contains(onTop),
    }
  })
}

/** Goes on with the Tab key until something has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let times = 0; times < 15; times++) {
    if ((await focused(page)).name === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${name}`)
}

const ORDER = ['send', 'send-everywhere', 'ours', 'expire', 'revoke', 'slow', 'cut', 'tab', 'sign-out', 'sign-in', 'summary']

describeLab('the page without a mouse', (start) => {
  test.each([
    ['a desk', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ])(
    'on %s, Tab leads to everything in the order in which it stands, always in sight',
    async (_, size) => {
      const { open } = await start()
      const page = await open()
      await page.setViewportSize(size)
      for (const key of ['Tab', 'Shift+Tab']) {
        const names: string[] = []
        for (const _name of ORDER) {
          if (key === 'Tab' || names.length > 0) await page.keyboard.press(key)
          const { name, outlined, covered } = await focused(page)
          expect({ name, outlined, covered }).toEqual({ name, outlined: true, covered: false })
          names.push(name)
        }
        expect(names).toEqual(key === 'Tab' ? ORDER : ORDER.toReversed())
      }
    },
    60_000,
  )

  test('every button does its work for Enter or Space', async () => {
    const { open, counted, lab, context, signIns } = await start()
    const page = await open()
    const go = async (name: string, key: 'Enter' | 'Space', words: string) => {
      await tabTo(page, name)
      await page.keyboard.press(key)
      await expect.poll(() => said(page), PATIENCE).toContain(words)
    }
    await go('send', 'Enter', 'All 30 have got their answer')
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 30 })
    await isOver(page)
    await go('send-everywhere', 'Space', '0 token requests')
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 60 })

    await tabTo(page, 'ours')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => said(page), PATIENCE).toContain('the interceptor that most people write')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => said(page), PATIENCE).toContain('From here on: axios-renew')

    await go('expire', 'Enter', 'has expired at the server')
    await expect.poll(() => fact(page, 'pair'), PATIENCE).toContain('no longer accepted')
    await go('revoke', 'Space', 'has been revoked at the server')
    expect(await lab.lanes.ours.auth.grantAlive('maria-1')).toBe(false)
    await go('slow', 'Space', 'takes 3 s')
    await page.keyboard.press('Space')
    await expect.poll(() => lab.trouble.slow, PATIENCE).toBe(false)
    await go('cut', 'Enter', 'Nothing gets through')
    await page.keyboard.press('Enter')
    await expect.poll(() => lab.trouble.cut, PATIENCE).toBe(false)
    const opened = context.waitForEvent('page')
    await go('tab', 'Enter', 'Another tab')
    await isReady(await opened)
    await page.bringToFront()
    await go('sign-out', 'Enter', 'Signed out in every tab')
    await go('sign-in', 'Space', 'Maria has signed in again')
    expect(signIns()).toBe(2)
    await tabTo(page, 'summary')
    await page.keyboard.press('Enter')
    expect(await page.locator('#words li').first().isVisible()).toBe(true)
    expect(await outcomes(page)).toEqual({ '200': 30 })
  }, 90_000)
})
