import { describe, expect, test, vi } from 'vitest'
import { type Backend, overEachStore, stored } from './support/backends.ts'
import { sleep, tell, total, until } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcess, startProcesses } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

overEachStore('a lease', (name, backend) => {
  test('of 1 s is renewed while the token endpoint takes 5 s: one token request', async () => {
    const stage = await startStage()
    const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
    stage.auth.latencyMs = 5000
    const fleet = await startProcesses(4, stage, backend(), { leaseMs: 1000 })
    const since = Date.now()
    expect(total(await Promise.all(fleet.map((each) => each.request(seller, 5))))).toEqual({ 200: 20 })
    tell(`${name}: 4 processes were answered after ${Date.now() - since} ms`)
    expect(stage.seen()).toEqual(eachOnce(1))
  })

  describe('whose holder is suspended', () => {
    test('before it sends, for less than the lease: it sends once, and nobody else does', async () => {
      const stage = await startStage()
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [holder, others] = await Promise.all([
        startProcess(stage, backend(), { leaseMs: 10_000, stopAt: 'claimed' }),
        startProcesses(2, stage, backend(), { leaseMs: 10_000 }),
      ])
      const first = holder.request(seller)
      await holder.stopped
      const waiting = others.map((each) => each.request(seller))
      const wake = holder.suspend()
      holder.proceed()
      await sleep(800)
      expect(stage.seen()).toEqual(eachOnce(0))
      wake()
      expect(total(await Promise.all([first, ...waiting]))).toEqual({ 200: 3 })
      expect(stage.seen()).toEqual(eachOnce(1))
    })

    test('before it sends, for longer than the lease: another sends, and it does not when it wakes', async () => {
      const stage = await startStage()
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [holder, other] = await Promise.all([
        startProcess(stage, backend(), { leaseMs: 1000, stopAt: 'claimed' }),
        startProcess(stage, backend(), { leaseMs: 1000 }),
      ])
      const first = holder.request(seller)
      await holder.stopped
      const wake = holder.suspend()
      holder.proceed()
      expect(await other.request(seller)).toEqual({ 200: 1 })
      expect(stage.seen()).toEqual(eachOnce(1))
      wake()
      expect(await first).toEqual({ 200: 1 })
      expect(stage.seen()).toEqual(eachOnce(1))
      // And what it has then is what all have.
      await stage.expire(backend(), [seller])
      expect(total([await holder.request(seller), await other.request(seller)])).toEqual({ 200: 2 })
      expect(stage.seen()).toEqual(eachOnce(2))
    })

    test('with its token request under way, for less than the lease: the others wait for its answer', async () => {
      const stage = await startStage({ gated: true })
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [holder, others] = await Promise.all([
        startProcess(stage, backend(), { leaseMs: 10_000 }),
        startProcesses(2, stage, backend(), { leaseMs: 10_000 }),
      ])
      const answer = stage.gate.holdNext('answer')
      const first = holder.request(seller)
      const held = await answer
      const wake = holder.suspend()
      await held.release()
      const waiting = others.map((each) => each.request(seller))
      await sleep(800)
      expect((await stored(backend(), seller)).generation).toBe(1)
      wake()
      expect(total(await Promise.all([first, ...waiting]))).toEqual({ 200: 3 })
      expect(stage.seen()).toEqual(eachOnce(1))
    })

    test('with its token request under way, for longer than the lease: it writes the answer when it wakes', async () => {
      const { stage, seller, other, first, wake } = await suspendWithAnswerAtTheDoor(backend())
      await sleep(1300)
      wake()
      expect(await first).toEqual({ 200: 1 })
      expect(await other.request(seller)).toEqual({ 200: 1 })
      expect(await stored(backend(), seller)).toMatchObject({ generation: 2 })
      expect(stage.seen()).toEqual(eachOnce(1))
    })

    test('with its token request under way, until another has begun: its late answer stands, over the intent of the other', async () => {
      const { stage, seller, other, first, wake } = await suspendWithAnswerAtTheDoor(backend())
      const request = stage.gate.holdNext('request')
      const second = other.request(seller)
      const late = await request
      wake()
      expect(await first).toEqual({ 200: 1 })
      await until('the late answer is written', async () => (await stored(backend(), seller)).generation === 2)
      // Had it arrived, the server would have taken the grant back: that is the bet that a lease is.
      late.drop()
      expect([{ 200: 1 }, { ERR_REFRESH_UNCERTAIN: 1 }]).toContainEqual(await second)
      expect(await other.request(seller)).toEqual({ 200: 1 })
      expect(stage.seen()).toEqual(eachOnce(1))
    })
  })
})

/** One of two processes is suspended while its token request is under way; the answer waits for it. */
async function suspendWithAnswerAtTheDoor(backend: Backend) {
  const stage = await startStage({ gated: true })
  const [seller = ''] = await stage.signIn(backend, 1, 'expired')
  const [holder, other] = await Promise.all([
    startProcess(stage, backend, { leaseMs: 1000 }),
    startProcess(stage, backend, { leaseMs: 1000 }),
  ])
  const answer = stage.gate.holdNext('answer')
  const first = holder.request(seller)
  const held = await answer
  const wake = holder.suspend()
  await held.release()
  return { stage, seller, other, first, wake }
}
