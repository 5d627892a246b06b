import { expect } from 'vitest'
import { unhandled } from '../../failures/races/unhandled.ts'
import type { ScheduleWorld } from './schedule-world.ts'

/** What has happened up to now and must never happen. */
export function breachesOf({ evidence, living }: ScheduleWorld): string[] {
  return [...evidence.breaches, ...unhandled, ...living.flatMap((process) => process.wentBack() ?? [])]
}

/** What holds when everything has worked for some minutes: all have settled, and all agree with the store. */
export async function expectAgreement(world: ScheduleWorld): Promise<void> {
  const { clock, living, pool, store, server } = world
  expect(breachesOf(world)).toEqual([])
  const waiting = living.flatMap(({ calls }) => calls.filter(({ settled }) => !settled).map(({ what }) => what))
  expect(waiting).toEqual([])
  expect(pool.steps.filter(({ by }) => by.condition === 'running').map(({ what }) => what)).toEqual([])
  expect(clock.pending, 'timers').toBe(0)

  const open = living.filter(({ closed }) => !closed)
  // A restored row may be news to another, and so on.
  for (let round = 0; round < 2; round++) {
    await clock.advance(3_600_000)
    for (const process of open) {
      void process.getTokens()
      await world.drain()
      await clock.advance(61_000)
      await world.drain()
    }
  }
  const record = store.row?.record
  const isAlive = server.isAlive(record?.tokens?.refreshToken)
  for (const { name, memory } of open) {
    const { status, lineage, generation, refreshToken } = memory
    expect([name, status]).toEqual([name, record?.tokens ? (isAlive ? 'active' : 'ended') : 'signed-out'])
    if (record?.tokens) expect([name, lineage]).toEqual([name, record.lineage])
    if (record?.tokens) expect([name, generation, refreshToken]).toEqual([name, record.generation, record.tokens.refreshToken])
  }
  if (isAlive && open.length > 0) expect(record?.endedAt, 'a pair that is good is marked as ended').toBeUndefined()
  expectRevoked(world)
  expect(breachesOf(world)).toEqual([])
}

/** Nobody will ever use a pair again that a sign-out has orphaned. */
function expectRevoked({ setup, store, server, evidence }: ScheduleWorld): void {
  if (!setup.revoke || evidence.troubled || !store.row || store.row.record.tokens || !evidence.orphan) return
  expect(server.grants.get(evidence.orphan), 'orphaned').toMatchObject({ alive: false })
}
