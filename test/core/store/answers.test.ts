import { SessionEndedError, SignedOutError, type TokenSet } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000

/** A token request whose answer is held back; when that comes, what became of it is in `tokens`. */
async function send() {
  const revoked: TokenSet[] = []
  const revoke = (tokens: TokenSet) => revoked.push(tokens)
  const prepared = await prepare(1, { revoke })
  const { server, session, store } = prepared
  server.hold = true
  const tokens = session.getTokens()
  tokens.catch(() => undefined)
  await settle()
  const answer = async () => {
    server.pending[0]?.answer()
    await settle()
  }
  return { ...prepared, tokens, answer, revoked, parent: store.row }
}

describe('an answer is written', () => {
  test('over the intent of somebody else', async () => {
    const { store, answer, tokens } = await send()
    store.put({ refreshStartedAt: 1 })
    await answer()
    expect((await tokens).accessToken).toBe('a2')
    expect(store.record).toEqual({ lineage: expect.any(String), generation: 2, tokens: { ...(await tokens) } })
  })

  test('over the mark that the server has refused the pair before', async () => {
    const { store, answer, session, clock } = await send()
    store.put({ endedAt: clock.now() })
    await answer()
    expect(store.record).toMatchObject({ generation: 2, tokens: { accessToken: 'a2' } })
    expect(store.record.endedAt).toBeUndefined()
    expect((await session.getTokens()).accessToken).toBe('a2')
  })

  test('over a row that was rolled back', async () => {
    const { store, answer, tokens } = await send()
    store.put({ generation: 0, refreshStartedAt: undefined })
    await answer()
    expect((await tokens).accessToken).toBe('a2')
    expect(store.record.generation).toBe(2)
  })

  test('where the row has vanished', async () => {
    const { store, answer, tokens } = await send()
    store.row = null
    await answer()
    expect((await tokens).accessToken).toBe('a2')
    expect(store.record.generation).toBe(2)
  })

  test('over a sign-in that this session has seen replaced: the store was rolled back', async () => {
    const { store, server, session, clock } = await prepare()
    const before = store.record.lineage
    await session.signIn({ ...server.firstPair, expires_in: 3600 })
    await clock.advance(HOUR)
    server.hold = true
    const tokens = session.getTokens()
    await settle()
    store.watchers = []
    store.put({ lineage: before, refreshStartedAt: undefined })
    server.pending[0]?.answer()
    expect((await tokens).accessToken).toBe('a2')
    expect(store.record.generation).toBe(2)
    expect(store.record.lineage).not.toBe(before)
  })

  test('once, though the reply to that was lost: the pair that is found there is our own', async () => {
    const { store, server, session, clock } = await prepare()
    let lost = 0
    store.after = (operation, record) => {
      if (operation === 'write' && record?.generation === 2 && lost++ === 0) throw new Error('connection reset')
    }
    const { accessToken } = await session.getTokens()
    expect(accessToken).toBe('a2')
    await clock.advance(60_000)
    expect(store.record).toMatchObject({ generation: 2, tokens: { accessToken } })
    expect(store.asked.filter((operation) => operation === 'write')).toHaveLength(2)
    expect([store.locked, server.requests]).toEqual([false, 1])
  })

  test('and nobody is ended by a refusal while somebody else has written a newer pair', async () => {
    const { store, server, session, clock } = await prepare()
    server.revoked = true
    server.hold = true
    const tokens = session.getTokens()
    await settle()
    store.watchers = []
    store.put({ generation: 2, refreshStartedAt: undefined, tokens: { accessToken: 'newer', expiresAt: clock.now() + HOUR } })
    server.pending[0]?.answer()
    expect((await tokens).accessToken).toBe('newer')
    expect(store.record.endedAt).toBeUndefined()
  })

  test('and a refusal that finds an intent of somebody else is marked all the same', async () => {
    const { store, server, session, clock } = await prepare()
    server.revoked = true
    server.hold = true
    const refused = rejection(session.getTokens())
    await settle()
    store.put({ refreshStartedAt: 1 })
    server.pending[0]?.answer()
    expect(await refused).toBeInstanceOf(SessionEndedError)
    expect(store.record).toMatchObject({ generation: 1, endedAt: clock.now() })
    expect(store.record.refreshStartedAt).toBeUndefined()
  })
})

describe('an answer is dropped', () => {
  test('and revoked, after a sign-out elsewhere', async () => {
    const { store, answer, tokens, revoked, session } = await send()
    store.watchers = []
    store.put({ tokens: null, generation: 0, lineage: 'out', refreshStartedAt: undefined })
    await answer()
    expect(await rejection(tokens)).toBeInstanceOf(SignedOutError)
    expect(store.record).toEqual({ tokens: null, generation: 0, lineage: 'out', refreshStartedAt: undefined })
    expect(revoked.map(({ refreshToken }) => refreshToken)).toEqual(['r2'])
    expect(session.status).toBe('signed-out')
  })

  test('and revoked, after a sign-out elsewhere that came before it could be saved', async () => {
    for (const onSaveFailure of ['serve', 'reject'] as const) {
      const revoked: TokenSet[] = []
      const { store, session, clock } = await prepare(1, { onSaveFailure, revoke: (tokens) => revoked.push(tokens) })
      store.watchers = []
      store.before = (operation, record) => {
        if (operation === 'write' && record?.generation === 2) throw new Error('the disk is full')
      }
      await session.getTokens().catch(() => undefined)
      store.before = () => undefined
      store.put({ tokens: null, generation: 0, lineage: 'out', refreshStartedAt: undefined })
      await clock.advance(60_000)
      expect(revoked[0]?.refreshToken).toBe('r2')
      expect(store.record.lineage).toBe('out')
      expect(await rejection(session.refresh())).toBeInstanceOf(SignedOutError)
    }
  })

  test('and not revoked, after a sign-in elsewhere: it may be the same grant', async () => {
    const { store, answer, tokens, revoked, session } = await send()
    store.watchers = []
    const signedIn = { accessToken: 'of another', refreshToken: 'r' }
    store.put({ tokens: signedIn, generation: 1, lineage: 'in', refreshStartedAt: undefined })
    await answer()
    expect(await rejection(tokens)).toBeInstanceOf(SignedOutError)
    expect(store.record).toMatchObject({ tokens: signedIn, lineage: 'in' })
    expect(revoked).toEqual([])
    expect((await session.getTokens()).accessToken).toBe('of another')
  })

  test('for a generation above it, which is adopted', async () => {
    const { store, answer, tokens, revoked, clock } = await send()
    store.watchers = []
    const newer = { accessToken: 'newer', refreshToken: 'r', expiresAt: clock.now() + HOUR }
    store.put({ tokens: newer, generation: 3, refreshStartedAt: undefined })
    await answer()
    expect((await tokens).accessToken).toBe('newer')
    expect(store.record).toMatchObject({ generation: 3, tokens: newer })
    expect(revoked).toEqual([])
  })

  test('for another pair of its own generation, which is adopted', async () => {
    const { store, answer, tokens, clock } = await send()
    store.watchers = []
    const other = { accessToken: 'other', refreshToken: 'r', expiresAt: clock.now() + HOUR }
    store.put({ tokens: other, generation: 2, refreshStartedAt: undefined })
    await answer()
    expect((await tokens).accessToken).toBe('other')
    expect(store.record).toMatchObject({ generation: 2, tokens: other })
  })
})
