import { writeFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { type Scene, startScene } from './support/scene.ts'
import { startProcess } from './support/start-process.ts'

// Processes take several seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** Stores a pair whose hour is nearly over: it is served, and renewed in the background. */
async function storeDue(scene: Scene): Promise<void> {
  const { access_token: accessToken, refresh_token: refreshToken } = scene.pair
  await scene.store({ accessToken, refreshToken, issuedAt: Date.now() - 3_500_000, expiresAt: Date.now() + 100_000 })
}

/** The pair of the one refresh is in the file, and it works. */
async function expectSaved(scene: Scene): Promise<void> {
  const stored = await scene.stored()
  expect(stored?.refreshToken).not.toBe(scene.pair.refresh_token)
  expect(await scene.auth.accepts(String(stored?.accessToken))).toBe(true)
  expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
  expect(await scene.grantAlive()).toBe(true)
}

/** Between two saves are seconds; here they are tenths of seconds. */
const HASTE = { haste: 20, options: { refreshTimeoutMs: 600_000 } }

const saves = (steps: readonly string[]) => steps.filter((step) => step === 'save').length

describe('a process whose work is done', () => {
  test('ends at once with a session that has nothing to do', async () => {
    const scene = await startScene()
    const process = startProcess(scene, { script: ['request'] })
    expect(await process.report).toMatchObject({ outcomes: [200], timers: 0 })
    expect(await process.ended).toBe(0)
  })

  test('ends at once after a refresh', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request'] })
    expect(await process.report).toMatchObject({ outcomes: [200], timers: 0 })
    expect(await process.ended).toBe(0)
    await expectSaved(scene)
  })

  test('ends at once while the session rests after a failed refresh', async () => {
    const scene = await startScene()
    await storeDue(scene)
    const tokenEndpoint = `${scene.auth.url}/nowhere`
    const process = startProcess(scene, { script: ['request', 'settled'], tokenEndpoint })
    expect(await process.report).toMatchObject({ outcomes: [200], timers: 0 })
    expect(await process.ended).toBe(0)
  })

  test('ends at once when a background refresh hangs that nobody waits for', async () => {
    const scene = await startScene()
    await storeDue(scene)
    const process = startProcess(scene, { script: ['request', 'refreshing'], refreshHangs: true })
    expect(await process.report).toMatchObject({ outcomes: [200], timers: 0 })
    expect(await process.ended).toBe(0)
  })

  test('lives until the answer to a background refresh has come and is saved', async () => {
    const scene = await startScene()
    await storeDue(scene)
    const waiting = scene.gate.holdNext('answer')
    const process = startProcess(scene, { script: ['request'] })
    expect(await process.report).toMatchObject({ outcomes: [200] })
    const held = await waiting
    await held.release()
    expect(await process.ended).toBe(0)
    await expectSaved(scene)
  })
})

describe('a process with an unsaved pair', () => {
  test.each([
    ['serve', [200]],
    ['reject', ['ERR_SAVE_FAILED']],
  ] as const)('lives until a failing save works (onSaveFailure: %s)', async (onSaveFailure, outcomes) => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, {
      script: ['request'],
      saves: ['fail', 'fail'],
      haste: 20,
      options: { ...HASTE.options, onSaveFailure },
    })
    expect(await process.report).toMatchObject({ outcomes })
    expect(await process.ended).toBe(0)
    expect(saves(process.steps)).toBe(3)
    await expectSaved(scene)
  })

  test('lives until a hanging save has been given up and the next one works', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request'], saves: ['hang'], haste: 20, options: { refreshTimeoutMs: 30_000 } })
    expect(await process.report).toMatchObject({ outcomes: [200] })
    expect(await process.ended).toBe(0)
    expect(saves(process.steps)).toBe(2)
    await expectSaved(scene)
  })

  test('of a background refresh lives until it is saved', async () => {
    const scene = await startScene()
    await storeDue(scene)
    const process = startProcess(scene, { script: ['request'], saves: ['fail', 'fail'], ...HASTE })
    expect(await process.report).toMatchObject({ outcomes: [200] })
    expect(await process.ended).toBe(0)
    expect(saves(process.steps)).toBe(3)
    await expectSaved(scene)
  })

  test('of a sign-in lives until it is saved, and so does a sign-out', async () => {
    const scene = await startScene()
    await writeFile(scene.path, 'null')
    const signedIn = startProcess(scene, { script: ['sign in', 'request'], signInWith: scene.pair, saves: ['fail', 'fail'], ...HASTE })
    expect(await signedIn.report).toMatchObject({ outcomes: ['done', 200] })
    expect(await signedIn.ended).toBe(0)
    expect((await scene.stored())?.refreshToken).toBe(scene.pair.refresh_token)

    const signedOut = startProcess(scene, { script: ['request', 'sign out'], saves: ['fail', 'fail'], ...HASTE })
    expect(await signedOut.report).toMatchObject({ outcomes: [200, 'ERR_SAVE_FAILED'] })
    expect(await signedOut.ended).toBe(0)
    expect(await scene.stored()).toBeNull()
  })
})

describe('a process that is told to end (SIGTERM)', () => {
  test('and calls close() while an answer is under way saves it first', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const waiting = scene.gate.holdNext('answer')
    const process = startProcess(scene, { script: ['request'], stopAt: 'closing' })
    const held = await waiting
    process.terminate()
    await process.stopped
    process.proceed()
    await held.release()
    expect(await process.ended).toBe(0)
    await expectSaved(scene)
  })

  test('and calls close() while its pair is unsaved saves it first', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request'], saves: ['fail', 'fail'], ...HASTE, stopAt: 'closing' })
    await process.report
    process.terminate()
    await process.stopped
    process.proceed()
    expect(await process.ended).toBe(0)
    expect(saves(process.steps)).toBe(3)
    await expectSaved(scene)
  })

  test('and calls process.exit() without close() loses an unsaved pair, as a kill does', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request', 'exit'], saves: ['fail'] })
    expect(await process.ended).toBe(0)
    expect((await scene.stored())?.refreshToken).toBe(scene.pair.refresh_token)
    expect(await startProcess(scene, { script: ['request'] }).report).toMatchObject({ outcomes: ['ERR_SESSION_ENDED'] })
    expect(scene.seen()).toMatchObject({ tokenRequests: 2, reused: 1 })
  })
})
