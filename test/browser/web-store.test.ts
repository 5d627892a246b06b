import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import { webStore } from '../../src/browser.ts'
import { createWebStore } from '../../src/stores/web/create-web-store.ts'
import { testStore } from '../../src/testing.ts'

/** What every store must do, in a real browser; two stores are two handles on one database, as two tabs have. */
describe('webStore', () => {
  testStore({ test, open: () => createWebStore('contract', { leaseMs: 300, pollMs: 100 }), leaseMs: 300 })

  describe('without Web Locks, as on plain http', () => {
    hide(navigator, 'locks')
    testStore({ test, open: () => createWebStore('contract-unlocked', { leaseMs: 300, pollMs: 100 }), leaseMs: 300 })
  })

  describe('without BroadcastChannel', () => {
    hide(globalThis, 'BroadcastChannel')
    testStore({ test, open: () => createWebStore('contract-silent', { leaseMs: 300, pollMs: 100 }), leaseMs: 300 })
  })

  describe('where storage is blocked', () => {
    beforeAll(() => {
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('denied', 'SecurityError')
      })
      return () => void vi.restoreAllMocks()
    })
    const store = webStore('contract-blocked')
    testStore({ test, open: () => store })
  })
})

function hide(object: object, property: string): void {
  beforeAll(() => {
    Object.defineProperty(object, property, { value: undefined, configurable: true, writable: true })
  })
  afterAll(() => {
    Reflect.deleteProperty(object, property)
  })
}
