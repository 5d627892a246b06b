import { expect, test } from 'vitest'
import { describeLab, drawn, fact, isOver, outcomes, PATIENCE, press, pressAndHear, said, send } from './support/lab-site.ts'

const EXPIRED = 'The access token has expired at the server'

describeLab('the page with the waterfall', (start) => {
  test('the first press: 30 refusals, one token request, the pair saved, and 30 answers', async () => {
    const { open, counted } = await start()
    const page = await open()
    expect(await said(page)).toContain("Maria's access token has expired")
    expect(await fact(page, 'pair')).toBe('pair 1, no longer accepted')

    const words = await send(page)
    expect(counted()).toMatchObject({ tokenRequests: 1, reused: 0, grantsLost: 0, ok: 30 })
    expect(words).toContain('1 token request. Pair 2 was saved before anybody used it. All 30 have got their answer.')
    expect(await outcomes(page)).toEqual({ '200': 30 })
    // What is drawn is what the server has seen.
    expect(await drawn(page, 'refused')).toBe(counted().unauthorized)
    expect(await drawn(page, 'replayed')).toBe(counted().unauthorized)
    expect(await drawn(page, 'fine')).toBe(30 - counted().unauthorized)
    expect(await drawn(page, 'refresh')).toBe(1)
    expect(await page.locator('#chart text', { hasText: 'pair 2 saved' }).count()).toBe(1)
    await expect.poll(() => fact(page, 'pair'), PATIENCE).toBe('pair 2, accepted')

    // A good token costs nothing, and expires again at the press of a button.
    await send(page)
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 60 })
    expect(await drawn(page, 'fine')).toBe(30)
    await pressAndHear(page, 'Expire the token', EXPIRED)
    await send(page)
    expect(counted()).toMatchObject({ tokenRequests: 2, reused: 0, grantsLost: 0, ok: 90 })
  }, 60_000)

  test('no bar of a new pair begins before the pair is saved', async () => {
    const { open } = await start()
    const page = await open()
    await send(page)
    const [saved = 0, begins = []] = await page.evaluate((): [number, number[]] => {
      const line = document.querySelector('#chart path.saved')?.getBoundingClientRect().left
      return [line ?? 0, [...document.querySelectorAll('#chart rect.replayed')].map((bar) => bar.getBoundingClientRect().left)]
    })
    expect(begins.length).toBeGreaterThan(0)
    // To the pixel that half of the line's width is.
    expect(Math.min(...begins)).toBeGreaterThan(saved - 1.5)
  }, 60_000)

  test('the hand-written interceptor sends spent refresh tokens, and loses the grant', async () => {
    const { open, counted } = await start()
    const page = await open()
    await page.getByLabel('a hand-written interceptor').check()
    await expect.poll(() => said(page), PATIENCE).toContain('the interceptor that most people write')

    const words = await send(page)
    const { tokenRequests, reused, grantsLost } = counted('by-hand')
    expect(tokenRequests).toBeGreaterThan(1)
    expect(reused).toBeGreaterThan(0)
    expect(grantsLost).toBe(1)
    expect(words).toContain(`${tokenRequests} token requests`)
    expect(words).toContain('Maria has to sign in again')
    expect(await drawn(page, 'refresh')).toBe(tokenRequests)
    expect(await page.locator('[data-counter="by-hand reused"]').innerText()).toBe(String(reused))
    expect(await page.locator('[data-counter="by-hand grantsLost"]').innerText()).toBe('1')
    expect(await outcomes(page)).not.toHaveProperty('200', 30)

    // The library's servers have not been asked, and what it has drawn comes back with it.
    expect(counted()).toMatchObject({ tokenRequests: 0, ok: 0, unauthorized: 0 })
    await page.getByLabel('axios-renew').check()
    await expect.poll(() => drawn(page, 'refused'), PATIENCE).toBe(0)
    await send(page)
    expect(counted()).toMatchObject({ tokenRequests: 1, grantsLost: 0, ok: 30 })

    // A sign-in gives the other a grant of its own again.
    await page.getByLabel('a hand-written interceptor').check()
    await pressAndHear(page, 'Sign in again', 'Maria has signed in again')
    await send(page)
    expect(await outcomes(page)).toEqual({ '200': 30 })
  }, 60_000)

  test('when the page says that it is over, all of it is drawn, however seldom it draws', async () => {
    const { open, context } = await start()
    // No frame comes between the first drawing and the last.
    await context.addInitScript(
      (paces) => {
        const { setInterval } = globalThis
        globalThis.setInterval = ((work: () => void, ms: number) =>
          setInterval(paces.includes(ms) ? () => {} : work, ms)) as typeof setInterval
      },
      [50, 500],
    )
    const page = await open()
    expect(await send(page)).toContain('All 30 have got their answer.')
    expect(await outcomes(page)).toEqual({ '200': 30 })
    expect(await page.locator('#words li').count()).toBe(30)
  }, 60_000)

  test('a second press while requests are under way sends nothing', async () => {
    const { open, counted } = await start()
    const page = await open()
    await page.getByRole('button', { name: 'Send 30 requests' }).dblclick()
    await isOver(page)
    expect(counted().ok).toBe(30)
    await press(page, 'Send 30 requests')
    await isOver(page)
    expect(counted().ok).toBe(60)
  }, 60_000)

  test('the same is there in words, and no token is', async () => {
    const { open } = await start()
    const page = await open()
    await send(page)
    await page.getByText('The same in words').click()
    const lines = await page.locator('#words li').allInnerTexts()
    expect(lines).toHaveLength(30)
    expect(lines[0]).toMatch(/^payments: sent with pair 1 at \d+ ms, 401 after \d+ ms; sent with pair 2 at \d+ ms, 200 after \d+ ms\.$/)
    expect(await page.getByRole('img').first().getAttribute('aria-label')).toContain('1 token request')
    // oidc-provider's tokens are 43 characters of base64url.
    expect(await page.content()).not.toMatch(/[\w-]{43}/)
  }, 60_000)
})
