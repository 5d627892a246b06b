import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

/** A store whose first lock gets no answer until `grant`. */
async function hanging() {
  const prepared = await prepare()
  const { store, session, clock } = prepared
  let grant = () => {}
  store.before = (operation) => (operation === 'lock' ? new Promise<void>((resolve) => (grant = resolve)) : undefined)
  const waiting = rejection(session.getTokens())
  await clock.advance(30_000)
  store.before = () => undefined
  return { ...prepared, waiting, grant: () => grant() }
}

describe('a lock that gets no answer', () => {
  test('keeps callers for the usual time, and none of those who come later', async () => {
    const { session, server, clock, waiting } = await hanging()
    expect(await waiting).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
    await clock.advance(60_000)
    expect((await session.getTokens()).accessToken).toBe('a2')
    expect(server.requests).toBe(1)
  })

  test('and is granted when nobody waits any more, is given back and nothing else', async () => {
    const { store, server, session, clock, waiting, grant } = await hanging()
    await waiting
    await clock.advance(60_000)
    store.asked.splice(0)
    grant()
    await settle()
    expect([store.asked, store.locked, server.requests]).toEqual([['unlock'], false, 0])
    expect((await session.getTokens()).accessToken).toBe('a2')
  })

  test('and answers while a later refresh waits, leaves that one in the queue, which it leaves at news', async () => {
    const { store, server, session, clock, waiting, grant } = await hanging()
    await waiting
    await clock.advance(60_000)
    const release = store.take()
    const tokens = session.getTokens()
    await settle()
    grant()
    await settle()
    store.put({ generation: 2, tokens: { accessToken: 'elsewhere', expiresAt: clock.now() + 3600_000 } })
    expect((await tokens).accessToken).toBe('elsewhere')
    expect([store.locked, server.requests]).toEqual([true, 0])
    release()
  })
})

test('a lease that is lost each time before anything is sent is an error after a few attempts, and not tried on', async () => {
  const { store, server, session, clock } = await prepare()
  store.after = (operation, record) => {
    if (operation === 'write' && record?.refreshStartedAt !== undefined) store.leases.at(-1)?.abort()
    // What goes on for ever would not let the test end.
    if (store.leases.length > 50) throw new Error('too many attempts')
  }
  const failed = rejection(session.getTokens())
  await settle()
  expect(await failed).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' })
  await clock.advance(60_000)
  expect(store.leases.length).toBeLessThanOrEqual(5)
  expect(server.requests).toBe(0)
})
