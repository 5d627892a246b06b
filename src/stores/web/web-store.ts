import { expectType } from '../../core/check-options.ts'
import type { TokenStore } from '../../core/store/token-store.ts'
import { createWebStore } from './create-web-store.ts'

/**
 * A store for pages: all tabs of an origin share the pairs, refresh them once, and learn of each other's sign-ins and
 * sign-outs. Pairs are kept in IndexedDB, on disk before anybody uses them, and survive the browser's restart.
 *
 * Works in workers, and on plain http too (without Web Locks: there a tab that is closed in the middle of a refresh
 * holds up the others until its lease is over). Where storage is blocked the pairs live as long as the page, and the
 * session emits `store-degraded`. On a server it can be made, not used.
 *
 * Any script of the origin can read what is stored.
 *
 * Operations reject with an `Error` whose `cause` is what the browser said.
 *
 * @param name the database, for apps that share an origin. Default: `'axios-renew'`.
 * @throws TypeError when the name is not a string that says something.
 *
 * @example
 * const session = createSession({ ...oauth2({ tokenEndpoint, clientId }), store: webStore() })
 */
export function webStore(name = 'axios-renew'): TokenStore {
  expectType('webStore: name', name, 'string')
  return createWebStore(name)
}
