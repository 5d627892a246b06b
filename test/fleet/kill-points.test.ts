import { expect, test, vi } from 'vitest'
import { type Backend, overEachStore, stored } from './support/backends.ts'
import { tell } from './support/measure.ts'
import type { Step } from './support/protocol.ts'
import { eachOnce, type Stage, startStage } from './support/stage.ts'
import { type FleetProcess, startProcess } from './support/start-process.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Where the holder of the lock is killed. */
interface KillPoint {
  name: string
  /** The step it waits for, or what stands still on the way to the token endpoint. */
  at: Step | 'request' | 'answer'
}

/** Whatever it had done, the next process goes on. */
const SURVIVES: KillPoint[] = [
  { name: 'before it asks for the lock', at: 'lock' },
  { name: 'when it has the lock', at: 'locked' },
  { name: 'when its intent is written', at: 'claimed' },
  { name: 'when its token request has left, which is lost on its way', at: 'request' },
  { name: 'when the answer is written', at: 'written' },
  { name: 'when all is done but giving the lock back', at: 'release' },
]

/** The server has acted, and nothing says so anywhere: no client can know the new pair. */
const LOST: KillPoint[] = [
  { name: 'when the server has acted, before its answer is here', at: 'answer' },
  { name: 'when the answer is here, before it is written', at: 'answered' },
]

const LEASE_MS = 1000

/** Kills one process there, while another one waits; gives the other, and what came of its request. */
async function killAt(stage: Stage, backend: Backend, seller: string, { at }: KillPoint): Promise<[FleetProcess, Promise<object>]> {
  const onTheWire = at === 'request' || at === 'answer'
  const wire = onTheWire ? stage.gate.holdNext(at) : undefined
  const [holder, other] = await Promise.all([
    startProcess(stage, backend, { leaseMs: LEASE_MS, ...(!onTheWire && { stopAt: at }) }),
    startProcess(stage, backend, { leaseMs: LEASE_MS }),
  ])
  const first = holder.request(seller)
  first.catch(() => {})
  const held = await wire
  if (!held) await holder.stopped
  const outcome = other.request(seller)
  await holder.kill()
  held?.drop()
  return [other, outcome]
}

overEachStore('a process that is killed while it refreshes', (store, backend) => {
  test.each(SURVIVES.map((point) => [point.name, point] as const))(
    '%s: another goes on after the lease, and nothing is lost',
    async (name, point) => {
      const stage = await startStage({ gated: true })
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [other, outcome] = await killAt(stage, backend(), seller, point)
      const since = Date.now()
      expect(await outcome).toEqual({ 200: 1 })
      tell(`${store}: ${name}: another went on after ${Date.now() - since} ms`)
      expect(stage.seen()).toEqual(eachOnce(1))
      expect(await stored(backend(), seller)).toMatchObject({ generation: 2 })

      await stage.expire(backend(), [seller])
      expect(await other.request(seller)).toEqual({ 200: 1 })
      expect(stage.seen()).toEqual(eachOnce(2))
    },
  )

  test.each(LOST.map((point) => [point.name, point] as const))(
    '%s: no client can know the new pair; the user must sign in again',
    async (_name, point) => {
      const stage = await startStage({ gated: true })
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [other, outcome] = await killAt(stage, backend(), seller, point)
      expect(await outcome).toEqual({ ERR_SESSION_ENDED: 1 })
      // It has tried what was there, once; the server took that for a thief.
      expect(stage.seen()).toEqual({ tokenRequests: 2, refreshes: 1, reused: 1, grantsRevoked: 1 })
      expect(await stored(backend(), seller)).toMatchObject({ generation: 1, endedAt: expect.any(Number) })
      expect(await other.request(seller, 5)).toEqual({ ERR_SESSION_ENDED: 5 })
      expect(stage.seen().tokenRequests).toBe(2)
    },
  )
})
