import { type SessionRecord, SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { rejection } from '../../support/session-kit.ts'
import { prepare } from './scripted-store.ts'

const HOUR = 3600_000
const down = () => {
  throw new Error('connection refused')
}
const up = () => undefined

describe('while the store is down', () => {
  test('proceed makes one token request in each process, and writes the pair when it is back', async () => {
    const { store, server, session, other, clock } = await prepare(2, { onStoreFailure: 'proceed' })
    store.before = down
    const first = await Promise.all([session.getTokens(), session.getTokens(), session.getTokens()])
    expect(new Set(first.map(({ accessToken }) => accessToken))).toEqual(new Set(['a2']))
    expect(server.requests).toBe(1)
    await rejection(Promise.all([other.getTokens(), other.getTokens()]))
    expect(server.requests).toBe(2)
    store.before = up
    await clock.advance(60_000)
    expect(store.record).toMatchObject({ generation: 2, tokens: { accessToken: 'a2' } })
  })

  test('reject sends nothing, and nothing twice once it is back', async () => {
    const { store, server, session, other } = await prepare(2)
    store.before = down
    const errors = await Promise.all([rejection(session.getTokens()), rejection(other.getTokens())])
    expect(errors.map(({ code }) => code)).toEqual(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE'])
    store.before = up
    const tokens = await Promise.all([session.getTokens(), other.getTokens()])
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(['a2', 'a2'])
    expect(server.requests).toBe(1)
  })

  test('no second token request is made while a pair is unsaved', async () => {
    for (const onSaveFailure of ['serve', 'reject'] as const) {
      const { store, server, session, clock } = await prepare(1, { onSaveFailure })
      store.before = (operation, record) => void (operation === 'write' && record?.generation === 2 && down())
      await session.getTokens().catch(() => undefined)
      await clock.advance(HOUR)
      expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_SAVE_FAILED' })
      expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_SAVE_FAILED' })
      expect(server.requests).toBe(1)
      store.before = up
      await clock.advance(60_000)
      expect(store.record.generation).toBe(2)
    }
  })

  test('what was told and could not be looked at is looked at again, less and less often, until that works', async () => {
    const { store, session, clock } = await prepare()
    await session.getTokens()
    await settle()
    const toldAt = clock.now()
    const looks: number[] = []
    store.before = (operation) => {
      if (operation === 'read' && looks.push(clock.now() - toldAt) <= 5) down()
    }
    // A sign-out elsewhere.
    store.put({ lineage: 'none', tokens: null })
    await clock.advance(30_900)
    expect(session.status).toBe('active')
    await clock.advance(100)
    expect(session.status).toBe('signed-out')
    expect(looks).toEqual([0, 1000, 3000, 7000, 15_000, 31_000])
    await clock.advance(HOUR)
    expect(looks).toHaveLength(6)
  })

  test('it is not looked at again once the session is closed', async () => {
    const { store, session, clock } = await prepare()
    await session.getTokens()
    await settle()
    const read = store.count('read')
    store.before = (operation) => void (operation === 'read' && down())
    store.put({ lineage: 'none', tokens: null })
    await settle()
    await session.close()
    await clock.advance(HOUR)
    expect(store.count('read')).toBe(read + 1)
  })

  test('a sign-out that is written late does not undo a sign-in elsewhere that came after it', async () => {
    const { store, session, other, clock } = await prepare(2)
    store.before = down
    expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_SAVE_FAILED' })
    store.before = up
    await other.signIn({ access_token: 'anew', refresh_token: 'r', expires_in: HOUR })
    await clock.advance(60_000)
    expect(store.record.tokens?.accessToken).toBe('anew')
    expect((await session.getTokens()).accessToken).toBe('anew')
  })

  test('a sign-out that is written late signs out whoever was signed in before it', async () => {
    const { store, session, other, clock } = await prepare(2)
    store.before = down
    await rejection(session.signOut())
    store.before = up
    await clock.advance(60_000)
    expect(store.record.tokens).toBeNull()
    expect(await rejection(other.getTokens())).toBeInstanceOf(SignedOutError)
  })
})

describe('a record that cannot be read', () => {
  const AWKWARD: [what: string, record: unknown][] = [
    ['no record at all', 'garbage'],
    ['without tokens', { generation: 1, lineage: 'x' }],
    ['without generation', { tokens: null, lineage: 'x' }],
    ['without lineage', { tokens: { accessToken: 'a' }, generation: 1 }],
    ['with tokens that are text', { tokens: 'a', generation: 1, lineage: 'x' }],
    ['undefined', undefined],
  ]
  const both = ['reject', 'proceed'] as const

  test.each(both.flatMap((onStoreFailure) => AWKWARD.map(([what, record]) => [what, onStoreFailure, record] as const)))(
    '(%s) is a StoreError, and never written over: onStoreFailure %s',
    async (_what, onStoreFailure, record) => {
      const { store, server, session, fleet } = await prepare(1, { onStoreFailure })
      const row = { record: record as SessionRecord, version: 'odd' }
      store.row = row
      const stranger = fleet.start({ onStoreFailure, tokens: { access_token: 'seed' } })
      const attempts = [
        () => session.getTokens(),
        () => session.refresh(),
        () => stranger.getTokens(),
        () => stranger.signIn({ access_token: 'x' }),
        () => session.signIn({ access_token: 'x' }),
        () => session.signOut(),
      ]
      for (const attempt of attempts) {
        const error = await rejection(attempt())
        expect([error.constructor, error.code]).toEqual([StoreError, 'ERR_STORE_UNAVAILABLE'])
      }
      await fleet.clock.advance(HOUR)
      expect(store.row).toBe(row)
      expect(server.requests).toBe(0)
    },
  )

  test('of tokens without an access token makes a refresh', async () => {
    const { store, server, fleet } = await prepare()
    store.put({ tokens: { refreshToken: 'r1' } as never, generation: 1 })
    expect((await fleet.start().getTokens()).accessToken).toBe('a2')
    expect(server.requests).toBe(1)
  })
})
