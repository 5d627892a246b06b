import { expect, test, vi } from 'vitest'
import { fileBackend, stored } from './support/backends.ts'
import { killAt } from './support/kill-at.ts'
import { tell, total } from './support/measure.ts'
import { eachOnce, startStage } from './support/stage.ts'
import { startProcess, startProcesses } from './support/start-process.ts'

/*
 * What a file is for: a few processes and accounts. The rest of the fleet's tests is about servers.
 */

vi.setConfig({ testTimeout: 60_000 })

test('3 processes over one file, with 5 requests for each of 10 accounts: one token request an account', async () => {
  const stage = await startStage()
  const backend = await fileBackend()
  const sellers = await stage.signIn(backend, 10, 'expired')
  const fleet = await startProcesses(3, stage, backend)
  for (let round = 1; round <= 3; round++) {
    const since = Date.now()
    expect(total(await Promise.all(fleet.map((each) => each.request(sellers, 5))))).toEqual({ 200: 150 })
    tell(`file: 10 accounts were refreshed for 3 processes in ${Date.now() - since} ms`)
    expect(stage.seen()).toEqual(eachOnce(10 * round))
    const records = await Promise.all(sellers.map((seller) => stored(backend, seller)))
    expect(new Set(records.map(({ generation }) => generation))).toEqual(new Set([1 + round]))
    await stage.expire(backend, sellers)
  }
})

test.each(['claimed', 'written'] as const)(
  'a process over a file that is killed while it refreshes (%s): another goes on after the lease, and nothing is lost',
  async (at) => {
    const stage = await startStage({ gated: true })
    const backend = await fileBackend()
    const [seller = ''] = await stage.signIn(backend, 1, 'expired')
    const [other, outcome] = await killAt(stage, backend, seller, at)
    expect(await outcome).toEqual({ 200: 1 })
    expect(stage.seen()).toEqual(eachOnce(1))
    await stage.expire(backend, [seller])
    expect(await other.request(seller)).toEqual({ 200: 1 })
    expect(stage.seen()).toEqual(eachOnce(2))
    expect(await stored(backend, seller)).toMatchObject({ generation: 3 })
  },
)

test('a process over a file that is stopped before it sends, for longer than the lease: another sends, and it does not when it wakes', async () => {
  const stage = await startStage()
  const backend = await fileBackend()
  const [seller = ''] = await stage.signIn(backend, 1, 'expired')
  const [holder, other] = await Promise.all([
    startProcess(stage, backend, { leaseMs: 1000, stopAt: 'claimed' }),
    startProcess(stage, backend, { leaseMs: 1000 }),
  ])
  const first = holder.request(seller)
  await holder.stopped
  const wake = holder.suspend()
  holder.proceed()
  expect(await other.request(seller)).toEqual({ 200: 1 })
  wake()
  expect(await first).toEqual({ 200: 1 })
  expect(stage.seen()).toEqual(eachOnce(1))
  await stage.expire(backend, [seller])
  expect(total([await holder.request(seller), await other.request(seller)])).toEqual({ 200: 2 })
  expect(stage.seen()).toEqual(eachOnce(2))
})
