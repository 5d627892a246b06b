import { afterAll, describe, test, vi } from 'vitest'
import { watchRejections } from '../../failures/races/unhandled.ts'
import { play } from './schedule-play.ts'
import type { Step } from './schedule-steps.ts'
import type { Setup } from './shop-process.ts'

watchRejections()
afterAll(() => void vi.restoreAllMocks())

const plain: Setup = { onSaveFailure: 'serve', watch: false, revoke: false }

/** Schedules that went wrong once. */
const SCHEDULES: [what: string, setup: Setup, processes: number, opened: boolean, ...Step[]][] = [
  [
    'who waits for a refresh is not given the tokens of a sign-in elsewhere that is found under the lock',
    ...([plain, 2, true] as const),
    ...([
      ['refresh', 0],
      ['sign in', 3],
      ['works', 0],
    ] satisfies Step[]),
  ],
  [
    'a sign-out revokes the pair that it replaces, though its session held an older one',
    ...([{ ...plain, revoke: true }, 2, true] as const),
    ...([['all expires', 0], ['get tokens', 0], ['drain'], ['sign out', 1]] satisfies Step[]),
  ],
  [
    'a sign-out revokes the pair that it replaces, though its session had read nothing',
    ...([{ ...plain, revoke: true }, 2, false] as const),
    ...([
      ['sign in', 1],
      ['sign out', 0],
    ] satisfies Step[]),
  ],
  [
    'a lock that was granted without anybody hearing of it is free again, though its process slept and went on meanwhile',
    ...([{ onSaveFailure: 'reject', watch: false, revoke: true }, 2, true] as const),
    ...([
      ['reject the token', 0],
      ['works', 0],
      ['works', 0],
      ['reply lost', 0],
      ['sign out', 3],
      ['all expires', 0],
    ] satisfies Step[]),
    ...([
      ['fall silent', 0],
      ['several', 0],
      ['crash', 0],
    ] satisfies Step[]),
  ],
  [
    'an answer that a sign-out elsewhere has overtaken is revoked, though the look that follows is never answered',
    ...([{ ...plain, revoke: true }, 2, true] as const),
    ...([
      ['all expires', 0],
      ['get tokens', 3],
      ['several', 0],
      ['works', 0],
      ['works', 0],
      ['sign out', 0],
    ] satisfies Step[]),
    ...([
      ['works', 7],
      ['works', 0],
      ['works', 0],
      ['works', 0],
      ['several', 0],
      ['works', 0],
      ['works', 0],
    ] satisfies Step[]),
    ...([
      ['all expires', 0],
      ['works', 0],
    ] satisfies Step[]),
  ],
  [
    'a sign-out that is called again, as the first reply was lost, revokes what the first one replaced',
    ...([{ ...plain, watch: true, revoke: true }, 2, false] as const),
    ...([
      ['sign in', 0],
      ['sign out', 1],
      ['several', 0],
      ['several', 7],
      ['reply lost', 1],
      ['sign out', 1],
    ] satisfies Step[]),
  ],
  [
    'a sign-in that cannot be written is kept, though what was asked before it is answered meanwhile',
    ...([{ ...plain, watch: true }, 2, true] as const),
    ...([
      ['no write works, or all do again', 0],
      ['all expires', 0],
      ['get tokens', 0],
      ['sign in', 0],
      ['works', 3],
      ['works', 3],
      ['drain'],
    ] satisfies Step[]),
  ],
]

describe('once a counterexample', () => {
  test.each(SCHEDULES)('%s', (_what, setup, processes, opened, ...steps) => play(setup, processes, opened, steps))
})
