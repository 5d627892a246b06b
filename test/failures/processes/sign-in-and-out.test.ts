import { describe, expect, test, vi } from 'vitest'
import { SELLER, startScene } from './support/scene.ts'
import type { Step } from './support/shop-process.ts'
import { startProcess } from './support/start-process.ts'

// Processes take several seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

describe('a process that is killed while somebody signs in', () => {
  test.each(['save', 'drafted'] as Step[])('at "%s": the pair is lost, and the next process knows of nobody', async (stopAt) => {
    const scene = await startScene()
    await scene.store(null)
    const process = startProcess(scene, { script: ['sign in'], signInWith: scene.pair, stopAt })
    await process.stopped
    await process.kill()
    expect(await scene.stored()).toBeNull()

    // Nobody is signed in, so the request goes out as it is, and its 401 is the caller's.
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: [401], status: 'signed-out' })
    expect(scene.seen()).toMatchObject({ tokenRequests: 0 })
    expect(await scene.grantAlive(), 'the grant stays until it expires').toBe(true)
  })

  test('when the pair is written, before signIn has resolved: the next process is signed in', async () => {
    const scene = await startScene()
    await scene.store(null)
    const process = startProcess(scene, { script: ['sign in'], signInWith: scene.pair, stopAt: 'renamed' })
    await process.stopped
    await process.kill()
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: [200], status: 'active' })
  })

  test('over a former pair: the next process still has the former user', async () => {
    const scene = await startScene()
    const other = await scene.auth.authorize('other')
    const process = startProcess(scene, { script: ['request', 'sign in'], signInWith: other, stopAt: 'save' })
    await process.stopped
    await process.kill()
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: [200] })
    expect((await scene.stored())?.refreshToken).toBe(scene.pair.refresh_token)
  })
})

describe('a process that is killed while somebody signs out', () => {
  test.each(['save', 'drafted'] as Step[])('at "%s": the next process is still signed in', async (stopAt) => {
    const scene = await startScene()
    const process = startProcess(scene, { script: ['request', 'sign out'], stopAt })
    await process.stopped
    await process.kill()
    expect(process.steps, 'tokens are revoked only when nobody can find them any more').not.toContain('revoke')
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: [200], status: 'active' })
    expect(await scene.grantAlive()).toBe(true)
  })

  test.each(['renamed', 'revoke'] as Step[])('at "%s": the next is signed out, and the tokens live until they expire', async (stopAt) => {
    const scene = await startScene()
    const process = startProcess(scene, { script: ['request', 'sign out'], stopAt })
    await process.stopped
    await process.kill()
    expect(await scene.stored()).toBeNull()
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: [401], status: 'signed-out' })
    expect(await scene.auth.accepts(scene.pair.access_token)).toBe(true)
    expect(await scene.grantAlive()).toBe(true)
  })

  test('not at all: null is saved, the tokens are dead, and a sign-in begins anew', async () => {
    const scene = await startScene()
    const process = startProcess(scene, { script: ['request', 'sign out', 'request'] })
    expect(await process.report).toMatchObject({ outcomes: [200, 'done', 401], status: 'signed-out' })
    expect(await scene.stored()).toBeNull()
    expect(await scene.auth.accepts(scene.pair.access_token)).toBe(false)
    expect(await process.ended).toBe(0)

    const signInWith = await scene.auth.authorize(SELLER)
    const next = startProcess(scene, { script: ['sign in', 'request'], signInWith })
    expect(await next.report).toMatchObject({ outcomes: ['done', 200], status: 'active' })
  })
})
