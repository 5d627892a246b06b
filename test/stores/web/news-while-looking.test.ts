import { createSession } from 'axios-renew'
import { expect, test } from 'vitest'
import type { StoredRecord } from '../../../src/core/store/token-store.ts'
import { memoryStore } from '../../../src/stores/memory/memory-store.ts'
import { TokenServer } from '../../support/token-server.ts'

/** As tabs do it: the news of another tab's pair is read while this tab, whose token was refused, looks, too. */
test('does not refresh a pair that arrives as news while the session looks for one', async () => {
  const server = new TokenServer()
  const store = memoryStore()
  const held: (() => void)[] = []
  let hold = false
  const slow = {
    ...store,
    async read(account: string): Promise<StoredRecord | null> {
      const stored = await store.read(account)
      if (hold) await new Promise<void>((resolve) => held.push(resolve))
      return stored
    },
  }
  const other = createSession({ refresh: server.refresh, store, tokens: server.firstPair })
  const rejected = await other.getTokens()
  const session = createSession({ refresh: server.refresh, store: slow })
  await session.getTokens()

  hold = true
  await other.refresh({ rejected })
  const fresh = session.refresh({ rejected: await session.getTokens() })
  await expect.poll(() => held.length).toBe(2)
  hold = false
  for (const go of held) go()

  expect((await fresh).accessToken).toBe('a2')
  expect(server.requests).toBe(1)
})
