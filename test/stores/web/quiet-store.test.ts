import { createSession } from 'axios-renew'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../src/stores/memory/memory-store.ts'
import { TokenServer } from '../../support/token-server.ts'

test('a refresh over a store that works does not say that it is degraded', async () => {
  const server = new TokenServer()
  const session = createSession({ refresh: server.refresh, store: memoryStore(), tokens: server.firstPair })
  const degraded: unknown[] = []
  session.on('store-degraded', (event) => degraded.push(event))
  await session.refresh()
  await session.close()
  expect(degraded).toEqual([])
})
