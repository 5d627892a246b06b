import { SessionEndedError, SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000
const elsewhere = { accessToken: 'elsewhere', refreshToken: 'r-elsewhere' }

describe('under the lock', () => {
  test('the store is read again, and what somebody else wrote is adopted', async () => {
    const { store, server, session, clock } = await prepare()
    store.watchers = []
    const release = store.take()
    const tokens = session.getTokens()
    await settle()
    expect(store.asked).toEqual(['read', 'lock'])
    store.put({ tokens: { ...elsewhere, expiresAt: clock.now() + HOUR }, generation: 2 })
    release()
    expect((await tokens).accessToken).toBe('elsewhere')
    expect(store.asked).toEqual(['read', 'lock', 'read', 'unlock'])
    expect(server.requests).toBe(0)
  })

  test('what was adopted is decided upon again: it may have expired too', async () => {
    const { store, server, session, clock } = await prepare()
    store.watchers = []
    const release = store.take()
    const tokens = rejection(session.getTokens())
    await settle()
    store.put({ tokens: { ...elsewhere, expiresAt: clock.now() }, generation: 2 })
    release()
    await tokens
    expect(server.received).toEqual(['r-elsewhere'])
  })

  test('an intent that somebody else wrote first makes it look again', async () => {
    const { store, server, session } = await prepare()
    store.watchers = []
    let others = 0
    store.before = (operation) => {
      if (operation === 'write' && others++ === 0) store.put({ refreshStartedAt: 1 })
    }
    await session.getTokens()
    expect(store.asked.slice(0, -1)).toEqual(['read', 'lock', 'read', 'write', 'read', 'write', 'write'])
    expect(server.requests).toBe(1)
  })

  test('an intent that finds a sign-out lets nothing be sent', async () => {
    const { store, server, session } = await prepare()
    store.before = (operation) => {
      if (operation === 'write' && store.record.tokens) store.put({ tokens: null, generation: 0, lineage: 'out' })
    }
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
    expect(server.requests).toBe(0)
    expect(store.locked).toBe(false)
  })

  test('an intent that cannot be written lets nothing be sent, and costs nobody the tokens', async () => {
    const { store, server, session, other } = await prepare(2)
    store.before = (operation) => {
      if (operation === 'write') throw new Error('read-only')
    }
    expect(await rejection(session.getTokens())).toMatchObject({ name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' })
    expect(server.requests).toBe(0)
    expect(store.locked).toBe(false)
    store.before = () => undefined
    expect((await other.getTokens()).accessToken).toBe('a2')
    expect((await session.getTokens()).accessToken).toBe('a2')
  })

  test('a pair that a holder left behind in the middle is tried once, and a refusal says why', async () => {
    const { store, server, session } = await prepare()
    store.put({ refreshStartedAt: 1 })
    server.revoked = true
    const error = await rejection(session.getTokens())
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('An earlier token request was left without an answer')
    expect(server.requests).toBe(1)
  })
})

describe('who waits for the lock', () => {
  test('leaves the queue when somebody else has written, and never takes it', async () => {
    const { store, server, session, other, clock } = await prepare(2)
    const release = store.take()
    const waiting = Promise.all([session.getTokens(), session.getTokens(), other.getTokens()])
    await settle()
    store.put({ tokens: { ...elsewhere, expiresAt: clock.now() + HOUR }, generation: 2 })
    for (const { accessToken } of await waiting) expect(accessToken).toBe('elsewhere')
    release()
    await settle()
    expect(store.leases).toEqual([])
    expect(store.locked).toBe(false)
    expect(server.requests).toBe(0)
  })

  test('stays when what was written is no pair that will do', async () => {
    const { store, server, session, clock } = await prepare()
    const release = store.take()
    const tokens = session.getTokens()
    await settle()
    store.put({ refreshStartedAt: clock.now() })
    await settle()
    release()
    expect((await tokens).accessToken).toBe('a2')
    expect(server.requests).toBe(1)
  })

  test('leaves it when somebody signed out, or in anew', async () => {
    for (const tokens of [null, elsewhere]) {
      const { store, session, server } = await prepare()
      store.take()
      const waiting = rejection(session.getTokens())
      await settle()
      store.put({ tokens, lineage: 'another', generation: 1 })
      expect(await waiting).toBeInstanceOf(SignedOutError)
      expect([store.leases.length, server.requests]).toEqual([0, 0])
    }
  })

  test('leaves it when the server has refused the pair to another', async () => {
    const { store, session, server, clock } = await prepare()
    store.take()
    const waiting = rejection(session.getTokens())
    await settle()
    store.put({ endedAt: clock.now() })
    expect(await waiting).toBeInstanceOf(SessionEndedError)
    expect([store.leases.length, server.requests]).toEqual([0, 0])
  })

  test.each(['reject', 'proceed'] as const)(
    'gets ERR_LOCK_TIMEOUT in the end, and nothing is sent: onStoreFailure %s',
    async (onStoreFailure) => {
      const { store, session, server, clock } = await prepare(1, { onStoreFailure })
      const release = store.take()
      const waiting = rejection(session.getTokens())
      await clock.advance(29_999)
      let settled = false
      void waiting.then(() => {
        settled = true
      })
      await settle()
      expect(settled).toBe(false)
      await clock.advance(1)
      expect(await waiting).toBeInstanceOf(StoreError)
      expect((await waiting).code).toBe('ERR_LOCK_TIMEOUT')
      release()
      await clock.advance(60_000)
      expect([store.leases.length, server.requests]).toEqual([0, 0])
      expect((await session.getTokens()).accessToken).toBe('a2')
    },
  )
})
