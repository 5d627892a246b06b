import { memoryStore, type StoredRecord, type TokenStore } from 'axios-renew'
import { expect, it } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createFleet } from './fleet.ts'

/** A store that can be put back to what it held before. */
function rewindable() {
  const inner = memoryStore()
  const past: StoredRecord[] = []
  let writes = 0
  const store: TokenStore = {
    ...inner,
    async write(account, record, expected) {
      writes++
      const version = await inner.write(account, record, expected)
      if (version) past.push({ record, version })
      return version
    },
  }
  const rewindTo = async (index: number) => {
    const now = await inner.read('default')
    await inner.write('default', (past[index] as StoredRecord).record, now?.version ?? null)
  }
  return { store, rewindTo, writes: () => writes }
}

it('settles on the later sign-in when sessions that know different ones see the store rolled back', async () => {
  const { store, rewindTo, writes } = rewindable()
  const fleet = createFleet(store)
  const old = fleet.start()
  await old.signIn({ access_token: 'first', refresh_token: 'f', expires_in: 3600 })
  await old.signIn({ access_token: 'second', refresh_token: 's', expires_in: 3600 })
  const late = fleet.start()
  expect((await late.getTokens()).accessToken).toBe('second')
  await settle()
  const before = writes()
  await rewindTo(0)
  for (let i = 0; i < 20; i++) await settle()
  expect(writes() - before).toBeLessThan(5)
  expect((await store.read('default'))?.record.tokens?.accessToken).toBe('second')
  for (const session of [old, late]) expect((await session.getTokens()).accessToken).toBe('second')
})

it.each([0, 1, 2, 3, 4, 5, 6, 7])('settles when two sign in at the very same moment (%i)', async () => {
  const { store, writes } = rewindable()
  const fleet = createFleet(store)
  const sessions = [fleet.start(), fleet.start(), fleet.start()]
  await Promise.allSettled(
    sessions.map((session, i) => session.signIn({ access_token: `a${i}`, refresh_token: `r${i}`, expires_in: 3600 })),
  )
  for (let i = 0; i < 20; i++) await settle()
  expect(writes()).toBeLessThan(30)
  const last = (await store.read('default'))?.record.tokens?.accessToken
  for (const session of sessions) expect((await session.getTokens()).accessToken).toBe(last)
})

it('does so for a sign-out, too', async () => {
  const { store, rewindTo, writes } = rewindable()
  const fleet = createFleet(store)
  const old = fleet.start()
  await old.signIn({ access_token: 'first', refresh_token: 'f', expires_in: 3600 })
  await old.signOut()
  const late = fleet.start()
  await late.getTokens().catch(() => {})
  expect(late.status).toBe('signed-out')
  await settle()
  const before = writes()
  await rewindTo(0)
  for (let i = 0; i < 20; i++) await settle()
  expect(writes() - before).toBeLessThan(5)
  expect((await store.read('default'))?.record.tokens).toBeNull()
  expect([old.status, late.status]).toEqual(['signed-out', 'signed-out'])
})

it('knows the later sign-in by what it replaced, when the clocks say otherwise', async () => {
  const { store, rewindTo } = rewindable()
  const fleet = createFleet(store)
  const fast = fleet.start()
  fleet.clock.jump(3600_000)
  await fast.signIn({ access_token: 'first', refresh_token: 'f', expires_in: 7200 })
  fleet.clock.jump(-3600_000)
  const slow = fleet.start()
  await slow.getTokens()
  await slow.signIn({ access_token: 'second', refresh_token: 's', expires_in: 7200 })
  await settle()
  await rewindTo(0)
  for (let i = 0; i < 20; i++) await settle()
  expect((await slow.getTokens()).accessToken).toBe('second')
  expect((await fast.getTokens()).accessToken).toBe('second')
})
