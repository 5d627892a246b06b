import { expectType } from '../core/check-options.ts'
import type { TokenStore } from '../core/store/token-store.ts'
import { randomName } from '../stores/shared/random-name.ts'
import { due } from './store-cases/due.ts'
import { keeping } from './store-cases/keeping.ts'
import { leasing, locking } from './store-cases/locking.ts'
import { naming } from './store-cases/naming.ts'
import type { StoreCases } from './store-cases/scene.ts'
import { swapping } from './store-cases/swapping.ts'
import { waiting } from './store-cases/waiting.ts'
import { watching } from './store-cases/watching.ts'

/** What {@link testStore} needs. */
export interface TestStoreOptions {
  /** The `test` of vitest, jest or `node:test`: it gets a name, what to run, and how long that may take at most, in ms. */
  test: (name: string, run: () => Promise<void>, timeoutMs: number) => unknown
  /**
   * Gives a handle on the same storage at each call, as another process would have one. It is called twice a case,
   * when the case begins. A store that lives in memory gives the same object.
   */
  open: () => TokenStore | Promise<TokenStore>
  /**
   * The `leaseMs` of these handles, in ms: then it is tried for three of them (5 s at most) whether they are renewed.
   * 1000 is enough; with less, a slow machine may miss a renewal. Default: that is not tried.
   */
  leaseMs?: number
}

const GROUPS: Readonly<Record<string, StoreCases>> = { keeping, swapping, naming, locking, waiting, watching, due }
/** Far more than any case takes on a machine that is not overloaded; ms. */
const TIMEOUT_MS = 30_000

/**
 * Registers the tests that every {@link TokenStore} must pass: a session trusts a store with single-use tokens,
 * and a store that is wrong in one of these points loses them.
 *
 * Each test uses accounts of random names (and one some fixed ones, such as `__proto__`), and mocks nothing: real time
 * must pass. No test needs another, none takes more than a few seconds, and nothing need be cleaned between them.
 * Methods that the store does not have (`due`, `watch`) pass. What only the death of a process can show is not tried.
 *
 * @throws TypeError when an option is not what it must be. A test that fails throws a plain `Error` that says what was
 * expected and what was got, or what the store itself rejected with.
 *
 * @example
 * import { testStore } from 'axios-renew/testing'
 * import { describe, test } from 'vitest'
 *
 * describe('my store', () => testStore({ test, open: () => myStore(connection, { leaseMs: 1000 }), leaseMs: 1000 }))
 */
export function testStore({ test, open, leaseMs }: TestStoreOptions): void {
  expectType("testStore: option 'test'", test, 'function')
  expectType("testStore: option 'open'", open, 'function')
  expectType("testStore: option 'leaseMs'", leaseMs, 'number|undefined')
  const groups = leaseMs === undefined ? GROUPS : { ...GROUPS, leasing }
  for (const [group, cases] of Object.entries(groups)) {
    for (const [name, show] of Object.entries(cases)) {
      const run = async () => show({ store: await open(), other: await open(), account: randomName(), leaseMs })
      test(`${group}: ${name}`, run, TIMEOUT_MS)
    }
  }
}
