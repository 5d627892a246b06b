import { expect, test, vi } from 'vitest'
import { overEachStore, stored } from './support/backends.ts'
import { type KillPoint, killAt } from './support/kill-at.ts'
import { tell } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'

vi.setConfig({ testTimeout: 60_000 })

interface NamedPoint {
  name: string
  at: KillPoint
}

/** Whatever it had done, the next process goes on. */
const SURVIVES: NamedPoint[] = [
  { name: 'before it asks for the lock', at: 'lock' },
  { name: 'when it has the lock', at: 'locked' },
  { name: 'when its intent is written', at: 'claimed' },
  { name: 'when its token request has left, which is lost on its way', at: 'request' },
  { name: 'when the answer is written', at: 'written' },
  { name: 'when all is done but giving the lock back', at: 'release' },
]

/** The server has acted, and nothing says so anywhere: no client can know the new pair. */
const LOST: NamedPoint[] = [
  { name: 'when the server has acted, before its answer is here', at: 'answer' },
  { name: 'when the answer is here, before it is written', at: 'answered' },
]

overEachStore('a process that is killed while it refreshes', (store, backend) => {
  test.each(SURVIVES.map((point) => [point.name, point.at] as const))(
    '%s: another goes on after the lease, and nothing is lost',
    async (name, at) => {
      const stage = await startStage({ gated: true })
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [other, outcome] = await killAt(stage, backend(), seller, at)
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

  test.each(LOST.map((point) => [point.name, point.at] as const))(
    '%s: no client can know the new pair; the user must sign in again',
    async (_name, at) => {
      const stage = await startStage({ gated: true })
      const [seller = ''] = await stage.signIn(backend(), 1, 'expired')
      const [other, outcome] = await killAt(stage, backend(), seller, at)
      expect(await outcome).toEqual({ ERR_SESSION_ENDED: 1 })
      // It has tried what was there, once; the server took that for a thief.
      expect(stage.seen()).toEqual({ tokenRequests: 2, refreshes: 1, reused: 1, grantsRevoked: 1 })
      expect(await stored(backend(), seller)).toMatchObject({ generation: 1, endedAt: expect.any(Number) })
      expect(await other.request(seller, 5)).toEqual({ ERR_SESSION_ENDED: 5 })
      expect(stage.seen().tokenRequests).toBe(2)
    },
  )
})
