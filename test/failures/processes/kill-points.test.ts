import { describe, expect, test, vi } from 'vitest'
import { type Scene, SELLER, startScene } from './support/scene.ts'
import type { Report } from './support/shop-process.ts'
import { type ProcessOptions, type ShopProcess, startProcess } from './support/start-process.ts'

// Processes take several seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** Where a process is killed, between a 401 and the answer to the request that is sent again. */
interface KillPoint {
  name: string
  /** The step it waits for, or what stands still on the way to the token endpoint. */
  at: ProcessOptions['stopAt'] | 'request' | 'answer'
  /** What becomes of a request that stands still. */
  fate?: 'arrives' | 'is lost'
}

/** The server has made no new pair: the one in the file is good. */
const NOTHING_LOST: KillPoint[] = [
  { name: 'before the POST', at: 'refresh' },
  { name: 'when the POST has left, which is lost on its way', at: 'request', fate: 'is lost' },
]

/** The server has made a new pair that nobody else will ever know. */
const LOST: KillPoint[] = [
  { name: 'when the POST has left, which arrives all the same', at: 'request', fate: 'arrives' },
  { name: 'when the server has acted, before its answer is here', at: 'answer' },
  { name: 'when the answer is here, before the session has it', at: 'answered' },
  { name: 'before anything is written', at: 'save' },
  { name: 'when the new pair is in a draft beside the file', at: 'drafted' },
]

/** The new pair is in the file. */
const SAVED: KillPoint[] = [
  { name: 'when the new pair is written, before save has settled', at: 'renamed' },
  { name: 'when the pair is saved, before a request was sent with it', at: 'replay' },
  { name: 'when the request was sent again and answered', at: 'pause' },
]

const named = (points: KillPoint[]) => points.map((point) => [point.name, point] as const)

/** Kills a process there; its access token had become invalid. */
async function killAt(scene: Scene, { at, fate }: KillPoint): Promise<ShopProcess> {
  await scene.auth.expire(scene.pair.access_token)
  const onTheWire = at === 'request' || at === 'answer'
  const wire = onTheWire ? scene.gate.holdNext(at) : undefined
  const process = startProcess(scene, { script: ['request', 'pause'], ...(!onTheWire && { stopAt: at }) })
  if (!wire) await process.stopped
  const held = await wire
  await process.kill()
  expect(await process.ended).toBe('SIGKILL')
  if (fate === 'arrives') await held?.release()
  else held?.drop()
  return process
}

/** The same program, started anew. */
function restart(scene: Scene, options: ProcessOptions): Promise<Report> {
  return startProcess(scene, options).report
}

describe('a process that is killed while it refreshes', () => {
  test.each(named(NOTHING_LOST))('%s: the next process works on, and nothing is lost', async (_name, point) => {
    const scene = await startScene()
    await killAt(scene, point)
    expect(scene.seen()).toMatchObject({ tokenRequests: 0, refreshes: 0 })
    expect((await scene.stored())?.refreshToken).toBe(scene.pair.refresh_token)

    expect(await restart(scene, { script: ['request', 'request'] })).toMatchObject({ outcomes: [200, 200], status: 'active' })
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
    expect(await scene.grantAlive()).toBe(true)
  })

  test.each(named(SAVED))('%s: the next process works on with it, and asks for nothing', async (_name, point) => {
    const scene = await startScene()
    await killAt(scene, point)
    const { unauthorized } = scene.seen()
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1 })
    expect((await scene.stored())?.refreshToken).not.toBe(scene.pair.refresh_token)

    expect(await restart(scene, { script: ['request'] })).toMatchObject({ outcomes: [200], status: 'active' })
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, unauthorized, reused: 0 })
    // And the pair is a whole one.
    await scene.auth.expire(String((await scene.stored())?.accessToken))
    expect(await restart(scene, { script: ['request'] })).toMatchObject({ outcomes: [200] })
    expect(scene.seen()).toMatchObject({ tokenRequests: 2, refreshes: 2, reused: 0 })
    expect(await scene.grantAlive()).toBe(true)
  })

  test.each(named(LOST))('%s: no client can know the new pair; the next process asks for a sign-in', async (_name, point) => {
    const scene = await startScene()
    const before = await scene.stored()
    await killAt(scene, point)
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
    expect(await scene.grantAlive()).toBe(true)
    expect(await scene.stored(), 'what is left').toEqual(before)

    // It cannot know that the token is spent: it tries it, and the server takes the grant back.
    const { outcomes, messages, status } = await restart(scene, { script: ['request', 'ten requests'] })
    expect(new Set(outcomes)).toEqual(new Set(['ERR_SESSION_ENDED']))
    expect(messages[0]).toMatch(/The server refused the refresh token.*invalid_grant.*sign in again/)
    expect(status).toBe('ended')
    expect(scene.seen()).toMatchObject({ tokenRequests: 2, refreshes: 1, reused: 1 })
    expect(await scene.grantAlive()).toBe(false)
    expect(await scene.stored(), 'an end is no sign-out').toEqual(before)

    // Each new start tries once more; a sign-in heals.
    const signInWith = await scene.auth.authorize(SELLER)
    const healed = await restart(scene, { script: ['request', 'sign in', 'request'], signInWith })
    expect(healed).toMatchObject({ outcomes: ['ERR_SESSION_ENDED', 'done', 200], status: 'active' })
    expect(scene.seen()).toMatchObject({ tokenRequests: 3, refreshes: 1 })
    expect((await scene.stored())?.refreshToken).toBe(signInWith.refresh_token)
  })
})

describe('a process that is killed while it writes', () => {
  test('leaves the new pair in the draft, and whoever puts that in the place of the file loses nothing', async () => {
    const scene = await startScene()
    await killAt(scene, { name: '', at: 'drafted' })
    const draft = await scene.stored(`${scene.path}.draft`)
    expect(draft?.refreshToken).not.toBe(scene.pair.refresh_token)
    await scene.store(draft)
    expect(await restart(scene, { script: ['request'] })).toMatchObject({ outcomes: [200] })
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, reused: 0 })
    expect(await scene.grantAlive()).toBe(true)
  })

  test('over the old content leaves a file that nobody can read: that is an error, not a sign-out, and is not written over', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request'], writing: 'in place', stopAt: 'torn' })
    await process.stopped
    await process.kill()
    await expect(scene.stored()).rejects.toThrow(SyntaxError)
    const before = scene.seen()

    const next = startProcess(scene, { script: ['request', 'request'] })
    expect(await next.report).toMatchObject({ outcomes: ['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE'], status: 'unknown' })
    expect(next.steps).not.toContain('save')
    expect(scene.seen(), 'no request went out, with a token or without').toEqual(before)
    expect(await scene.grantAlive()).toBe(true)
  })
})

describe('a process that is killed while it refreshes in the background', () => {
  test('before the answer is here: the next one serves what is left of the access token, until it tries to renew it', async () => {
    const scene = await startScene()
    const { access_token: accessToken, refresh_token: refreshToken } = scene.pair
    const due = { accessToken, refreshToken, issuedAt: Date.now() - 3_500_000, expiresAt: Date.now() + 100_000 }
    await scene.store(due)
    const held = scene.gate.holdNext('answer')
    const process = startProcess(scene, { script: ['request', 'pause'], stopAt: 'pause' })
    await Promise.all([held, process.stopped])
    await process.kill()
    ;(await held).drop()
    expect(scene.seen()).toMatchObject({ ok: 1, tokenRequests: 1, refreshes: 1 })

    const report = await restart(scene, { script: ['request', 'settled', 'request'] })
    expect(report).toMatchObject({ outcomes: [200, 'ERR_SESSION_ENDED'], status: 'ended' })
    expect(scene.seen()).toMatchObject({ ok: 2, unauthorized: 1, tokenRequests: 2, reused: 1 })
    expect(await scene.stored()).toEqual(due)
  })
})
