import fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { breachesOf, expectAgreement } from './invariants.ts'
import { anyStep, type Step, take } from './steps.ts'
import { unhandled, watchRejections } from './unhandled.ts'
import { type Configuration, World } from './world.ts'

const RUNS = Number(process.env.RUNS ?? 1250)
const SEED = process.env.SEED ? Number(process.env.SEED) : undefined

const both = [false, true]
const CONFIGURATIONS: Configuration[] = (['serve', 'reject'] as const).flatMap((onSaveFailure) =>
  both.flatMap((revoke) => both.map((slowLoad) => ({ onSaveFailure, revoke, slowLoad }))),
)

watchRejections()
afterAll(() => void vi.restoreAllMocks())

/** The same chances (of back-off, say) in every run, so that a counterexample stays one. */
function resetChance(): void {
  let last = 1
  vi.spyOn(Math, 'random').mockImplementation(() => {
    last = (last * 16_807) % 2_147_483_647
    return last / 2_147_483_647
  })
}

async function play(configuration: Configuration, opened: boolean, steps: Step[]): Promise<void> {
  unhandled.splice(0)
  resetChance()
  const world = new World(configuration)
  await withoutStacks(() => perform(world, opened, steps))
  await expectAgreement(world)
}

/** Errors are part of the play, and their stacks take a quarter of its time. */
async function withoutStacks(work: () => Promise<void>): Promise<void> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  await work().finally(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
}

async function perform(world: World, opened: boolean, steps: Step[]): Promise<void> {
  if (opened) {
    world.row.slowLoad = false
    world.getTokens()
    await settle()
    world.row.slowLoad = world.configuration.slowLoad
  }
  for (const step of steps) {
    await take(world, step)
    expect(breachesOf(world)).toEqual([])
  }
  await world.calmDown()
}

describe('in any order of requests, intentions, answers, loads and saves the latest intention wins', () => {
  test.each(CONFIGURATIONS)(
    'onSaveFailure $onSaveFailure, revoke $revoke, slow load $slowLoad',
    async (configuration) => {
      const steps = fc.array(anyStep, { minLength: 1, maxLength: 30, size: 'max' })
      const schedules = fc.asyncProperty(fc.boolean(), steps, (opened, taken) => play(configuration, opened, taken))
      await fc.assert(schedules, { numRuns: RUNS, seed: SEED })
    },
    3600_000,
  )
})
