import { expect, vi } from 'vitest'
import { unhandled } from '../../failures/races/unhandled.ts'
import { breachesOf, expectAgreement } from './schedule-invariants.ts'
import { type Step, take } from './schedule-steps.ts'
import { ScheduleWorld } from './schedule-world.ts'
import type { Setup } from './shop-process.ts'

/** The same chances (of lineages, say) in every run, so that a counterexample stays one. */
function resetChance(): void {
  let last = 1
  vi.spyOn(Math, 'random').mockImplementation(() => {
    last = (last * 16_807) % 2_147_483_647
    return last / 2_147_483_647
  })
}

/** Plays a schedule to its end; `opened`: somebody is signed in, and all know. */
export async function play(setup: Setup, processes: number, opened: boolean, steps: Step[]): Promise<void> {
  const { stackTraceLimit } = Error
  // Errors are part of the play, and their stacks take a quarter of its time.
  Error.stackTraceLimit = 0
  unhandled.splice(0)
  resetChance()
  const world = new ScheduleWorld(setup, processes)
  try {
    if (opened) await world.open()
    for (const step of steps) {
      await take(world, step)
      expect(breachesOf(world)).toEqual([])
    }
    await world.calmDown()
    await expectAgreement(world)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
