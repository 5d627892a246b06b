import { memoryStore } from 'axios-renew'
import { testStore } from 'axios-renew/testing'
import { describe, test } from 'vitest'

describe('memoryStore keeps the contract', () => {
  const store = memoryStore()
  testStore({ test, open: () => store })
})
