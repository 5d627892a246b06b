import { describe, expect, test } from 'vitest'
import { check, type Scene } from './check.ts'
import type { Excuses, Rules } from './rules.ts'

type Case = [name: string, off: Partial<Rules>, scene: Scene, broken: string]

/** Each rule, switched off; the smallest scene in which that is felt; and what is the first to break. */
const cases: Case[] = [
  ['1 read again under the lock', { rereadUnderLock: 'version' }, {}, 'P2: wrote an older generation over a newer one'],
  ['2 forward only', { forwardOnly: false }, { needs: [2, 1], rollback: 1 }, 'P5: went back to an older generation'],
  ['2 waiters keep their lineage', { waitersKeepTheirLineage: false }, { signIn: 1 }, "P5: served another lineage's tokens"],
  ['3 an intent', { intent: 'none' }, { giveUp: 1 }, 'P1: sent a token whose successor was stored before the intent'],
  ['3 by compare-and-swap', { intent: 'blind' }, { silent: 1 }, 'P2: wrote an older generation over a newer one'],
  ['3 by compare-and-swap, and a sign-out', { intent: 'blind' }, { signOut: 1 }, 'P3: undid a sign-in or sign-out'],
  [
    '4 the intent must succeed',
    { intentMustSucceed: false },
    { silent: 1 },
    'P1: sent a token whose successor was stored before the intent',
  ],
  ['5 the lease is looked at', { leaseIsLookedAt: false }, { silent: 1 }, 'P1: sent a token twice'],
  ['6 whatever the version', { answer: 'version' }, { giveUp: 1 }, 'P2: dropped the newest pair'],
  ['6 not whatever is stored', { answer: 'blind' }, { signOut: 1 }, 'P3: undid a sign-in or sign-out'],
  ['7 the lock is kept', { lockIsKept: false }, {}, 'P1: sent a token twice'],
  ['8 tombstones', { tombstones: false }, { signOut: 1 }, 'P3: the last sign-in or sign-out is not what is stored'],
  ['9 read back after an error', { readBack: false }, { failedWrite: 1 }, 'P2: dropped the newest pair'],
  ['10 fingerprints', { fingerprints: false }, { clients: [0, 1] }, 'P4: took up a record of another client'],
  ['11 read again when refused', { rereadWhenRefused: false }, { signIn: 1, oneGrant: true }, 'P7: ended, though another pair was stored'],
  ['12 a vanished row is rewritten', { vanishedIsRewritten: false }, { vanish: 1 }, 'P2: a pair that somebody holds is not stored'],
  [
    '13 signing yields',
    { signingYields: false },
    { needs: [0, 0], signIn: 1, signOut: 1, lostReply: 1 },
    'P3: undid a sign-in or sign-out',
  ],
  [
    '14 an answer yields to its session',
    { answerYieldsToSession: false },
    { signOut: 1, vanish: 1 },
    'P3: wrote an answer though its session had gone on to another lineage',
  ],
  ['15 an answer knows what was replaced', { answerKnowsReplaced: false }, { signIn: 1, rollback: 1 }, 'P2: dropped the newest pair'],
  ['16 lineages have an order', { lineagesAreNumbered: 'no' }, { signIn: 1, rollback: 1 }, 'P3: undid a sign-in or sign-out'],
  [
    '16 which is that of time',
    { lineagesAreNumbered: 'counted' },
    { needs: [1, 0], signIn: 2, signOut: 1, rollback: 1 },
    'P5: went back to a lineage that had been replaced',
  ],
  ['17 memory is looked at', { memoryIsLookedAt: false }, { needs: [2, 0], giveUp: 1 }, 'P1: sent a token whose successor it knew'],
  [
    '17 memory is looked at, after a sign-in',
    { memoryIsLookedAt: false },
    { signIn: 1 },
    'P5: sent a token of a lineage that its session had left',
  ],
  [
    '18 the lock is kept for a late answer',
    { lockIsKeptForLate: false },
    { needs: [2, 1], giveUp: 1, serve: true },
    'P1: sent a token twice',
  ],
  ['19 orphans are revoked', { orphansAreRevoked: false }, { signOut: 1 }, 'P3: a pair outlives the sign-out'],
  ['20 no version comes twice', {}, { silent: 1, vanish: 1, countedVersions: true }, 'P2: wrote an older generation over a newer one'],
  ['21 a lock is given back by its owner only', { releaseByOwner: false }, { silent: 1 }, 'P1: sent a token twice'],
]

describe('without the rule something breaks', () => {
  test.each(cases)('%s', (_name, off, scene, broken) => {
    expect(check(scene, off).counterexample?.broken).toBe(broken)
  })

  test('each is kept when no rule is off, in the very same scene', () => {
    for (const [, , scene] of cases) if (!scene.countedVersions) expect(check(scene).counterexample).toBeUndefined()
  })

  test.each<Scene>([
    { rollback: 1, signIn: 1, crash: 1 },
    { needs: [1, 0], rollback: 1, signIn: 2, signOut: 1 },
    { rollback: 1, signOut: 1, giveUp: 1 },
  ])('with an order of all lineages, also of those that a session has never had, nobody would ever go back: %j', (scene) => {
    expect(check(scene, { lineagesAreCompared: 'all' }, { neverSeen: false }).counterexample).toBeUndefined()
  })

  test('the version of the first look would do for the intent, without reading again under the lock', () => {
    expect(check({ needs: [2, 1], silent: 1, giveUp: 1 }, { rereadUnderLock: 'not' }).counterexample).toBeUndefined()
  })
})

/** What P1 and P5 let pass does happen: no rule excludes it. */
const excuses: [keyof Excuses, Scene, steps: string[]][] = [
  ['crash', { crash: 1 }, ['A sends', 'A crashes', 'B sends']],
  ['givenUp', { giveUp: 1 }, ['A sends', 'A gives up waiting for the answer', 'B sends']],
  ['lostAnswer', { lostAnswer: 1 }, ['A sends', 'the answer to A is lost', 'B sends']],
  ['silentHolder', { silent: 1 }, ['A sends', 'A is silent, its lease expires', 'B sends']],
  ['silentBeforeSending', { silent: 1 }, ['A looks at the lease', 'A is silent, its lease expires', 'B sends', 'A sends']],
  ['neverSeen', { signIn: 1, rollback: 1 }, ['A signing in: writes', 'the store falls back', 'A looks']],
  ['storeLost', { rollback: 1 }, ['A gets the answer, writes', 'the store falls back', 'B sends']],
]

test.each(excuses)('what no client can promise: %s', (excuse, scene, steps) => {
  const trace = check(scene, {}, { [excuse]: false }).counterexample?.trace ?? []
  expect(trace.filter((step) => steps.includes(step))).toEqual(steps)
})
