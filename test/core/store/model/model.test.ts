import { expect, test } from 'vitest'
import { check, type Scene } from './check.ts'

/**
 * The algorithm of docs/decisions/0004-shared-stores.md as an abstract model, not its implementation: every schedule of
 * a few processes, and every fault at every point of it, within the bounds that each test names.
 */

const scenes: Scene[] = [
  { needs: [2, 2], silent: 1, giveUp: 1 },
  { needs: [2, 1], crash: 1, silent: 1, giveUp: 1 },
  { needs: [2, 1], crash: 1, silent: 1, lostReply: 1, reuse: 'refuse' },
  { needs: [2, 1], giveUp: 1, lostAnswer: 1, failedWrite: 1, serve: true },
  { needs: [2, 1], silent: 1, giveUp: 1, failedWrite: 1, serve: true },
  { needs: [2, 1], silent: 1, giveUp: 1, lostReply: 1, reuse: 'refuse' },
  { needs: [1, 1, 1], silent: 1, giveUp: 1 },
  { needs: [1, 1, 1], crash: 1, lostReply: 1 },
  { signIn: 1, signOut: 1, giveUp: 1 },
  { signIn: 1, signOut: 1, lostReply: 1 },
  { needs: [1, 0], signIn: 1, signOut: 1, lostReply: 1, failedWrite: 1 },
  { signIn: 1, silent: 1, giveUp: 1, oneGrant: true },
  { signOut: 1, giveUp: 1, lostReply: 1, crash: 1 },
  { needs: [2, 1], rollback: 1, silent: 1, giveUp: 1 },
  { needs: [2, 1], rollback: 1, crash: 1, lostReply: 1 },
  { needs: [2, 1], rollback: 1, silent: 1, giveUp: 1, reuse: 'refuse' },
  { needs: [2, 1], vanish: 1, crash: 1, giveUp: 1 },
  { needs: [2, 1], vanish: 1, silent: 1, lostReply: 1, serve: true },
  { rollback: 1, signIn: 1, crash: 1 },
  { needs: [1, 0], rollback: 1, signIn: 2, signOut: 1 },
  { needs: [1, 1, 0], rollback: 1, signIn: 1, giveUp: 1 },
  { rollback: 1, signOut: 1, giveUp: 1 },
  { needs: [1, 0], vanish: 1, signIn: 1, signOut: 1 },
  { clients: [0, 1], vanish: 1, signIn: 1, signOut: 1, giveUp: 1 },
]

test.each(scenes)('nothing is lost, nothing is sent twice: %j', (scene) => {
  const { states, counterexample } = check(scene)
  expect(counterexample).toBeUndefined()
  expect(states).toBeGreaterThan(1000)
})
