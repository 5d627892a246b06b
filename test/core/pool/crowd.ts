import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SessionPool } from 'axios-renew'
import type { Register } from '../../../src/core/pool/session-register.ts'
import { registerOf } from '../../../src/core/pool/session-register.ts'
import type { SessionState } from '../../../src/core/session/state.ts'
import { settle } from '../../../src/testing/settle.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** More than a pool keeps ready for use. */
const CROWD = 400
let count = 0

export function inside(pool: SessionPool): Register {
  const register = registerOf(pool)
  if (!register) throw new Error('this is no pool')
  return register
}

/** So many other accounts are used that all idle sessions are put to sleep. */
export function crowd(pool: SessionPool): void {
  for (let i = 0; i < CROWD; i++) inside(pool).get(`one of the crowd ${++count}`)
}

/** Takes everything away that nobody holds. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    // References that are weak die only between two turns.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
}

/** Puts all idle sessions to sleep and takes them away; tells whether this one has gone. */
export async function sleepWell(pool: SessionPool, account: string): Promise<boolean> {
  const reference = weakly(pool, account)
  // What was just used is idle in the next turn.
  await settle()
  crowd(pool)
  // On a busy machine something may still be under way, and hold it, for some turns.
  for (let attempt = 0; attempt < 5; attempt++) {
    await collectGarbage()
    if (reference.deref() === undefined) return true
  }
  return false
}

/** In a function of its own, so that no variable holds it. */
function weakly(pool: SessionPool, account: string): WeakRef<SessionState> {
  return new WeakRef(inside(pool).get(account))
}
