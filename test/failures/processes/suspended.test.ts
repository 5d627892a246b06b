import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { startScene } from './support/scene.ts'
import { startProcess } from './support/start-process.ts'

// Processes take several seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

describe('a process that is suspended for longer than the token lives', () => {
  test.each([
    ['request', 1],
    ['ten requests', 10],
  ] as const)('gets a fresh token before it sends the next (%s): no 401, one token request', async (action, requests) => {
    const scene = await startScene()
    const process = startProcess(scene, {
      script: ['sign in', 'pause', action],
      signInWith: { ...scene.pair, expires_in: 1 },
      stopAt: 'pause',
    })
    await process.stopped
    const resume = process.suspend()
    process.proceed()
    // Time has to pass, as a suspended process sees no other clock.
    await sleep(Number((await scene.stored())?.expiresAt) - Date.now())
    await scene.auth.expire(scene.pair.access_token)
    resume()
    const { outcomes } = await process.report
    expect(outcomes).toEqual(['done', ...Array.from({ length: requests }, () => 200)])
    expect(scene.seen()).toEqual({ ok: requests, unauthorized: 0, tokenRequests: 1, refreshes: 1, reused: 0 })
    expect(await process.ended).toBe(0)
  })
})

describe('a process that is suspended while its token request is under way', () => {
  test('for longer than callers wait, takes the answer all the same, and saves it', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const waiting = scene.gate.holdNext('answer')
    const process = startProcess(scene, { script: ['request', 'settled', 'request'], options: { refreshTimeoutMs: 200 } })
    const held = await waiting
    const resume = process.suspend()
    await held.release()
    await sleep(300)
    resume()
    const { outcomes } = await process.report
    // Its timers are overdue when it wakes, so this one may be told that it waited too long.
    expect([200, 'ERR_REFRESH_UNCERTAIN']).toContain(outcomes[0])
    expect(outcomes[1]).toBe(200)
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
    expect((await scene.stored())?.refreshToken).not.toBe(scene.pair.refresh_token)
    expect(await process.ended).toBe(0)
  })

  test('before the server has acted, sends nothing twice', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const waiting = scene.gate.holdNext('request')
    const process = startProcess(scene, { script: ['request', 'request'] })
    const held = await waiting
    const resume = process.suspend()
    await held.release()
    resume()
    expect(await process.report).toMatchObject({ outcomes: [200, 200] })
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
  })
})

describe('a process that is suspended for longer than an answer is waited for', () => {
  test('takes the answer that has come meanwhile', async () => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const waiting = scene.gate.holdNext('answer')
    // An answer is waited for for 60 s; here they are 3 s.
    const process = startProcess(scene, { script: ['request', 'settled', 'request'], haste: 20 })
    const held = await waiting
    const resume = process.suspend()
    await held.release()
    await sleep(3500)
    resume()
    const { outcomes } = await process.report
    expect({ last: outcomes.at(-1), ...scene.seen() }).toMatchObject({ last: 200, tokenRequests: 1, refreshes: 1, reused: 0 })
    expect((await scene.stored())?.refreshToken).not.toBe(scene.pair.refresh_token)
  })
})

describe('a process that is suspended while it saves', () => {
  test.each(['save', 'renamed'] as const)('at "%s", for longer than a save may take, ends with the pair in the file', async (stopAt) => {
    const scene = await startScene()
    await scene.auth.expire(scene.pair.access_token)
    const process = startProcess(scene, { script: ['request'], haste: 20, options: { refreshTimeoutMs: 30_000 }, stopAt })
    await process.stopped
    const resume = process.suspend()
    process.proceed()
    await sleep(1500)
    resume()
    expect(await process.report).toMatchObject({ outcomes: [200] })
    expect(await process.ended).toBe(0)
    expect(scene.seen()).toMatchObject({ tokenRequests: 1, refreshes: 1, reused: 0 })
    expect(await scene.auth.accepts(String((await scene.stored())?.accessToken))).toBe(true)
  })
})
