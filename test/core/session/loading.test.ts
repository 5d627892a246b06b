import { createSession, SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('loading', () => {
  test('loads at the first use, once for all', async () => {
    const { stored } = createKit()
    const load = vi.fn(async () => stored.tokens)
    const { session } = createKit({ load })
    expect(session.status).toBe('unknown')
    expect(load).not.toHaveBeenCalled()
    const both = await Promise.all([session.getTokens(), session.getTokens()])
    expect(both.map(({ accessToken }) => accessToken)).toEqual(['a1', 'a1'])
    expect(session.status).toBe('active')
    expect(load.mock.calls).toEqual([['default']])
  })

  test('takes the seed when nothing is stored, and saves it before it is used', async () => {
    const { session, saved } = createKit({ load: () => undefined, tokens: { access_token: 'seed', refresh_token: 'rs' } })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'seed' })
    expect(saved).toEqual([{ accessToken: 'seed', refreshToken: 'rs' }])
  })

  test('prefers what is stored to the seed', async () => {
    const { session, saved } = createKit({ tokens: { access_token: 'seed' } })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
    expect(saved).toEqual([])
  })

  test('is signed out when nothing is stored and there is no seed', async () => {
    const { session } = createKit({ load: () => null })
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
    expect(session.status).toBe('signed-out')
  })

  test('does not remember a failed load', async () => {
    let broken = true
    const { session, stored } = createKit({
      load: () => {
        if (broken) throw new Error('database down')
        return stored.tokens
      },
    })
    const error = await rejection(session.getTokens())
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', cause: { message: 'database down' } })
    expect(session.status).toBe('unknown')
    broken = false
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })

  test('waits for a load no longer than refreshTimeoutMs', async () => {
    const { session, clock } = createKit({ load: () => new Promise(() => {}), refreshTimeoutMs: 2000 })
    const waiting = rejection(session.getTokens())
    await clock.advance(2000)
    expect(await waiting).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', cause: { message: 'load took longer than 2000 ms' } })
  })

  test('says so when load gives no object', async () => {
    const { session } = createKit({ load: () => '{"access_token":"a"}' as never })
    const error = await rejection(session.getTokens())
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect((error.cause as Error).message).toBe('load: expected object, got string')
  })

  test('looks again for a sign-in elsewhere, at most once a second', async () => {
    let calls = 0
    const kit = createKit({
      load: () => {
        calls++
        return kit.stored.tokens
      },
    })
    kit.stored.tokens = null
    expect(await rejection(kit.session.getTokens())).toBeInstanceOf(SignedOutError)
    await kit.clock.advance(1000)
    await Promise.all([rejection(kit.session.getTokens()), rejection(kit.session.getTokens())])
    await rejection(kit.session.getTokens())
    expect(calls).toBe(2)
    kit.stored.tokens = { access_token: 'new', refresh_token: 'new-r' }
    await rejection(kit.session.getTokens())
    await kit.clock.advance(1000)
    expect(await kit.session.getTokens()).toMatchObject({ accessToken: 'new' })
    expect(kit.events).toMatchObject([{ name: 'signed-in', adopted: true }])
  })

  test('gives account to load, save and refresh as a string', async () => {
    const seen: unknown[] = []
    const session = createSession({
      account: 42,
      load: (account) => void seen.push(account),
      save: (_tokens, account) => seen.push(account),
      refresh: (_tokens, { account }) => {
        seen.push(account)
        return { access_token: 'a' }
      },
      tokens: { refresh_token: 'r' },
    })
    await session.getTokens()
    expect(session.account).toBe('42')
    expect(seen.every((account) => account === '42')).toBe(true)
    expect(seen.length).toBeGreaterThanOrEqual(4)
  })

  test('refreshes tokens of unknown age in the background at the first use, and serves them meanwhile', async () => {
    const { session, server } = createKit({ load: () => ({ access_token: 'a1', refresh_token: 'r1', expires_in: 3600 }) })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
    await settle()
    expect(server.requests).toBe(1)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('does not save a start from nothing', async () => {
    const { session, saved } = createKit({ load: () => null, tokens: {}, refresh: async () => ({ access_token: 'from-cookie' }) })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'from-cookie' })
    expect(saved).toMatchObject([{ accessToken: 'from-cookie' }])
  })
})
