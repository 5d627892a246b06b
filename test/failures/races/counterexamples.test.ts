import { describe, expect, test } from 'vitest'
import { breachesOf, expectAgreement } from './invariants.ts'
import { type Step, take } from './steps.ts'
import { watchRejections } from './unhandled.ts'
import { World } from './world.ts'

watchRejections()

/** Schedules that went wrong once. */
const SCHEDULES: [what: string, revoke: boolean, ...Step[]][] = [
  [
    'a sign-out that cannot be written while it still reads what to revoke ends no process',
    true,
    ...(['ann signs in', 'sign out', ['save works', 0], ['save fails', 0]] satisfies Step[]),
  ],
  [
    'a save of the former user that settles late is not adopted for the next one',
    false,
    ...(['bob signs in', 'ann signs in', ['time passes', 10_000], ['save works', 1], 'refresh'] satisfies Step[]),
    ...([
      ['save works', 0],
      ['load works', 1],
      ['token request is answered', 0],
      ['save works', 0],
    ] satisfies Step[]),
  ],
  [
    'a sign-out whose save settles late does not sign the next user out',
    false,
    ...(['get tokens', ['load works', 0], 'sign out', 'bob signs in', ['time passes', 10_000], ['save works', 1]] satisfies Step[]),
    ...(['refresh', ['save works', 0], ['load works', 1]] satisfies Step[]),
  ],
  [
    'a sign-in whose save settles late does not undo the sign-out',
    false,
    ...(['bob signs in', 'sign out', ['time passes', 10_000], ['save works', 1], 'get tokens'] satisfies Step[]),
    ...([
      ['save works', 0],
      ['load works', 1],
    ] satisfies Step[]),
  ],
  [
    'a sign-out that reads what to revoke does not revoke a later sign-in',
    true,
    ...(['ann signs in', 'sign out', 'bob signs in', ['save works', 0], ['save works', 0], ['load works', 1]] satisfies Step[]),
  ],
  [
    'a refresh that runs at the closing ends with the successor of what it was refused, when that comes late',
    false,
    ...(['refresh', ['load works', 0], ['load works', 0], 'request', ['time passes', 3600_000], ['API answers', 0]] satisfies Step[]),
    ...(['close', ['load works', 0]] satisfies Step[]),
  ],
]

describe('once a counterexample', () => {
  test.each(SCHEDULES)('%s', async (_what, revoke, ...steps) => {
    const world = new World({ onSaveFailure: 'serve', revoke, slowLoad: true })
    for (const step of steps) {
      await take(world, step)
      expect(breachesOf(world)).toEqual([])
    }
    await world.calmDown()
    await expectAgreement(world)
  })
})
