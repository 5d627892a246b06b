import { expect, test } from 'vitest'
import { describeLab, drawn, fact, isOver, isReady, outcomes, PATIENCE, press, pressAndHear, said, send } from './support/lab-site.ts'

describeLab('several tabs of the page', (start) => {
  test('another tab finds the session, follows a rotation without a token request, and both send at once with one', async () => {
    const { open, context, counted, signIns } = await start()
    const page = await open()
    const [other] = await Promise.all([context.waitForEvent('page'), press(page, 'Open another tab')])
    await isReady(other)
    await expect.poll(() => fact(other, 'pair'), PATIENCE).toBe('pair 1, no longer accepted')
    expect(signIns()).toBe(1)

    await send(page)
    await expect.poll(() => fact(other, 'pair'), PATIENCE).toBe('pair 2, accepted')
    expect(await other.locator('#log').innerText()).toContain('another tab did it')
    await send(other)
    expect(await drawn(other, 'fine')).toBe(30)
    expect(counted()).toMatchObject({ tokenRequests: 1, ok: 60 })

    await pressAndHear(page, 'Expire the token', 'has expired at the server')
    await press(page, 'Send 30 in every tab')
    await expect.poll(() => counted().ok, PATIENCE).toBe(120)
    await Promise.all([isOver(page), isOver(other)])
    expect(counted()).toMatchObject({ tokenRequests: 2, reused: 0, grantsLost: 0 })
    for (const tab of [page, other]) expect(await outcomes(tab)).toEqual({ '200': 30 })
    const requests = [await drawn(page, 'refresh'), await drawn(other, 'refresh')]
    expect(requests.sort()).toEqual([0, 1])
    const words = [await said(page), await said(other)]
    expect(words.filter((text) => text.includes('Pair 3 was saved before anybody used it'))).toHaveLength(1)
    expect(words.filter((text) => text.includes('0 token requests. Pair 3 came from another tab'))).toHaveLength(1)
  }, 60_000)

  test('who signs out is signed out in every tab, also after a reload, and the grant is revoked', async () => {
    const { open, counted, signIns, lab } = await start()
    const page = await open()
    const other = await open()
    await send(page)
    expect(await lab.lanes.ours.auth.grantAlive('maria-1')).toBe(true)

    await pressAndHear(page, 'Sign out everywhere', 'Signed out in every tab')
    for (const tab of [page, other]) await expect.poll(() => fact(tab, 'standing'), PATIENCE).toBe('signed out')
    expect(await fact(other, 'pair')).toBe('no tokens')
    await expect.poll(() => lab.lanes.ours.auth.grantAlive('maria-1'), PATIENCE).toBe(false)
    const { tokenRequests, ok } = counted()
    await send(other)
    expect(await outcomes(other)).toEqual({ '401': 30 })
    expect(counted()).toMatchObject({ tokenRequests, ok })

    await other.reload()
    await expect.poll(() => said(other), PATIENCE).toContain('Nobody is signed in')
    expect(signIns()).toBe(1)
    await pressAndHear(page, 'Sign in again', 'Maria has signed in again')
    await expect.poll(() => fact(other, 'standing'), PATIENCE).toBe('signed in')
    await send(other)
    expect(await outcomes(other)).toEqual({ '200': 30 })
  }, 60_000)
})
