import { expect, test } from 'vitest'
import { describeLab, drawn, fact, outcomes, PATIENCE, press, pressAndHear, said, send } from './support/lab-site.ts'

describeLab('trouble at the authorization server', (start) => {
  test('slow: everybody waits for one token request, and the page says so', async () => {
    const { open, counted, lab } = await start()
    const page = await open()
    await pressAndHear(page, 'Slow it down', 'takes 3 s for an answer')
    expect(lab.trouble.slow).toBe(true)
    await expect.poll(() => fact(page, 'server'), PATIENCE).toBe('takes 3 s')

    await press(page, 'Send 30 requests')
    await expect.poll(() => said(page), PATIENCE).toContain('whoever was refused waits')
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 0 })
    await expect.poll(() => outcomes(page), PATIENCE).toEqual({ '200': 30 })
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 30 })

    await pressAndHear(page, 'Slow it down', 'answers in 0.15 s again')
    expect(lab.trouble.slow).toBe(false)
  }, 60_000)

  test('cut: the page tells what the library says, and recovers without a sign-in', async () => {
    const { open, counted, signIns, lab } = await start()
    const page = await open()
    await pressAndHear(page, 'Cut it off', 'Nothing gets through')
    expect(lab.trouble.cut).toBe(true)
    await expect.poll(() => page.getByRole('button', { name: 'Cut it off', pressed: true }).count(), PATIENCE).toBe(1)

    const words = await send(page)
    expect(words).toContain('30 failed: ERR_REFRESH_UNCERTAIN. The session is kept')
    expect(await outcomes(page)).toEqual({ 'try later': 30 })
    expect(await page.locator('#log').innerText()).toMatch(/refresh-failed, ERR_REFRESH_UNCERTAIN: .*The next try is in \d\.\d s/)
    expect(await fact(page, 'standing')).toBe('signed in')
    expect(counted()).toMatchObject({ tokenRequests: 0, ok: 0 })

    await pressAndHear(page, 'Cut it off', 'can be reached again')
    expect(lab.trouble.cut).toBe(false)
    // Until the rest after the failure is over.
    await expect.poll(() => send(page), { timeout: 30_000 }).toContain('All 30 have got their answer')
    expect(counted()).toMatchObject({ tokenRequests: 1, reused: 0, grantsLost: 0 })
    expect(signIns()).toBe(1)
  }, 60_000)

  test('revoked: one refusal ends the session, and a sign-in begins another', async () => {
    const { open, counted, signIns } = await start()
    const page = await open()
    await send(page)
    await pressAndHear(page, 'Revoke the grant', 'The grant has been revoked')
    const words = await send(page)
    expect(words).toContain('The session has ended for every tab, after one refusal: sign in again.')
    expect(await outcomes(page)).toEqual({ ended: 30 })
    expect(counted()).toMatchObject({ tokenRequests: 2, ok: 30 })
    await expect.poll(() => fact(page, 'standing'), PATIENCE).toBe('ended')
    expect(await page.locator('#log').innerText()).toContain('ended, ERR_SESSION_ENDED')

    // No more token requests until somebody signs in.
    await send(page)
    expect(counted()).toMatchObject({ tokenRequests: 2, ok: 30 })
    await pressAndHear(page, 'Sign in again', 'Maria has signed in again')
    await send(page)
    expect(await drawn(page, 'fine')).toBe(30)
    expect(counted()).toMatchObject({ tokenRequests: 2, ok: 60 })
    expect(signIns()).toBe(2)
  }, 60_000)

  test('servers that have been stopped are said to be', async () => {
    const { open, context } = await start()
    const page = await open()
    await context.route('**/lab/state', (route) => route.abort())
    await expect.poll(() => said(page), PATIENCE).toContain('The servers have been stopped')
  }, 60_000)
})
