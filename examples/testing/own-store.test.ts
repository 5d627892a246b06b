// How to hold a store of one's own against the contract that a session trusts.
// Run it with `npx vitest run --project examples examples/testing`.
import { testStore } from 'axios-renew/testing'
import { describe, test } from 'vitest'
import { ownStore } from './own-store.ts'

describe('our store keeps the contract', () => {
  const store = ownStore(new Map())
  testStore({ test, open: () => store })
})
