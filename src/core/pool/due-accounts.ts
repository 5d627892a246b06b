import type { Clock } from '../clock.ts'
import { StoreError } from '../errors/store-error.ts'
import type { TokenStore } from '../store/token-store.ts'
import { quietly, within } from '../wait.ts'

/** How long a store may take for the next account, or the next page of them, in ms. */
const NEXT_MS = 300_000

/**
 * The accounts that a store says are due; `undefined` if it cannot tell. A store that falls silent ends the list with a
 * `StoreError`: clients of databases may wait for ever.
 *
 * @param horizon what expires before is due, in ms since the epoch.
 */
export function dueIn(store: TokenStore | undefined, horizon: number, clock: Clock): AsyncIterable<string> | undefined {
  const accounts = store?.due?.(horizon)[Symbol.asyncIterator]()
  if (!accounts) return undefined
  const silent = () => new StoreError('ERR_STORE_UNAVAILABLE', `The store did not tell which accounts are due: no answer in ${NEXT_MS} ms`)
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => within(Promise.resolve(accounts.next()), NEXT_MS, clock, silent, true),
      async return() {
        // Nobody waits for an end that a silent store may never come to.
        quietly(() => accounts.return?.())
        return { done: true, value: undefined }
      },
    }),
  }
}
