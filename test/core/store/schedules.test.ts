import fc from 'fast-check'
import { afterAll, describe, test, vi } from 'vitest'
import { watchRejections } from '../../failures/races/unhandled.ts'
import { play } from './schedule-play.ts'
import { anyStep } from './schedule-steps.ts'
import type { Setup } from './shop-process.ts'

const RUNS = Number(process.env.RUNS ?? 100)
const SEED = process.env.SEED ? Number(process.env.SEED) : undefined

const both = [false, true]
const SETUPS: Setup[] = (['serve', 'reject'] as const).flatMap((onSaveFailure) =>
  both.flatMap((watch) => both.map((revoke) => ({ onSaveFailure, watch, revoke }))),
)

watchRejections()
afterAll(() => void vi.restoreAllMocks())

describe('however the steps of several processes over one store are mixed, no token is spent twice and no pair is lost', () => {
  test.each(SETUPS)(
    'onSaveFailure $onSaveFailure, watch $watch, revoke $revoke',
    async (setup) => {
      const steps = fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' })
      const schedules = fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.boolean(), steps, (processes, opened, taken) =>
        play(setup, processes, opened, taken),
      )
      await fc.assert(schedules, { numRuns: RUNS, seed: SEED })
    },
    3600_000,
  )
})
