import { SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('signing out', () => {
  test('takes effect at once, saves null and revokes', async () => {
    const revoke = vi.fn()
    const { session, saved, events } = createKit({ revoke })
    const tokens = await session.getTokens()
    const done = session.signOut()
    expect(session.status).toBe('signed-out')
    await done
    expect(saved).toEqual([null])
    expect(revoke.mock.calls).toEqual([[tokens]])
    expect(events.map(({ name }) => name)).toEqual(['signed-out'])
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
  })

  test('revokes a pair that was never loaded', async () => {
    const revoke = vi.fn()
    const { session, saved } = createKit({ revoke })
    await session.signOut()
    expect(revoke).toHaveBeenCalledWith(expect.objectContaining({ refreshToken: 'r1' }))
    expect(saved).toEqual([null])
  })

  test('revokes the pair of a refresh under way when it comes', async () => {
    const revoked: string[] = []
    const { session, server, saved } = createKit({ revoke: ({ refreshToken }) => revoked.push(String(refreshToken)) })
    server.hold = true
    const waiter = rejection(session.refresh())
    await settle()
    await session.signOut()
    expect(await waiter).toBeInstanceOf(SignedOutError)
    server.pending[0]?.answer()
    await settle()
    expect(revoked).toEqual(['r1', 'r2'])
    expect(saved).toEqual([null])
    expect(session.status).toBe('signed-out')
  })

  test('wins over a save under way', async () => {
    const calls: unknown[] = []
    let finish = () => {}
    const { session } = createKit({
      save: (tokens) => {
        calls.push(tokens?.accessToken)
        return tokens ? new Promise<void>((resolve) => (finish = resolve)) : undefined
      },
    })
    const waiter = rejection(session.refresh())
    await settle()
    const out = session.signOut()
    await settle()
    finish()
    await out
    await waiter
    await settle()
    expect(calls).toEqual(['a2', undefined])
    expect(session.status).toBe('signed-out')
  })

  test('is told when it is written and revoked, so that a page may be left then', async () => {
    const steps: string[] = []
    const step = async (name: string) => {
      steps.push(`${name} ...`)
      await settle()
      steps.push(name)
    }
    const { session } = createKit({ save: () => step('saved'), revoke: () => step('revoked') })
    await session.getTokens()
    session.subscribe(() => steps.push(session.status))
    session.on('signed-out', () => steps.push('told'))
    const out = session.signOut()
    // A second click makes it no sooner.
    await Promise.all([out, session.signOut()])
    expect(steps).toEqual(['signed-out', 'signed-out', 'saved ...', 'saved', 'revoked ...', 'revoked', 'told'])
  })

  test('is told before a sign-in that does not wait for it', async () => {
    const { session, events } = createKit({ revoke: () => new Promise(() => {}) })
    await session.getTokens()
    void session.signOut()
    await session.signIn({ access_token: 'b', refresh_token: 'r-b' })
    expect(events.map(({ name }) => name)).toEqual(['signed-out', 'signed-in'])
  })

  test('does not mind a revocation that fails or hangs', async () => {
    const failing = createKit({ revoke: () => Promise.reject(new Error('down')) })
    await failing.session.signOut()
    const hanging = createKit({ revoke: () => new Promise(() => {}) })
    await hanging.session.getTokens()
    const out = hanging.session.signOut()
    await hanging.clock.advance(30_000)
    await out
  })

  test('rejects when it cannot be written, and is written later', async () => {
    const calls: unknown[] = []
    let broken = true
    const { session, clock } = createKit({
      save: (tokens) => {
        calls.push(tokens)
        if (broken) throw new Error('disk full')
      },
    })
    await session.getTokens()
    expect(await rejection(session.signOut())).toBeInstanceOf(StoreError)
    expect(session.status).toBe('signed-out')
    // What is stored is stale: it must not bring the session back.
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
    broken = false
    await clock.advance(2000)
    expect(calls).toEqual([null, null])
  })

  test('is not undone by what is still stored', async () => {
    const { session, clock } = createKit({ save: () => {} })
    await session.getTokens()
    await session.signOut()
    await clock.advance(5000)
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
  })

  test.each(['signed-out', 'subscribe'] as const)('does not write over somebody who signs in upon it (%s)', async (way) => {
    const { session, stored, saved, clock } = createKit()
    await session.getTokens()
    const signIn = () => {
      if (session.status === 'signed-out') void session.signIn({ access_token: 'guest', refresh_token: 'guest' })
    }
    if (way === 'subscribe') session.subscribe(signIn)
    else session.on(way, signIn)
    await session.signOut()
    await settle()
    expect(saved.at(-1)).toMatchObject({ accessToken: 'guest' })
    expect(stored.tokens).toMatchObject({ accessToken: 'guest' })
    await clock.advance(5000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'guest' })
  })

  test('before anything was loaded is not undone by a faster look', async () => {
    const loads: (() => void)[] = []
    const revoke = vi.fn()
    const row = { accessToken: 'a1', refreshToken: 'r1' }
    const { session, saved, events } = createKit({
      load: () => new Promise<object>((resolve) => loads.push(() => resolve(row))),
      revoke,
    })
    const out = session.signOut()
    const looking = rejection(session.getTokens())
    const closed = session.close()
    await settle()
    expect(saved).toEqual([])
    for (const finish of loads.splice(0).reverse()) finish()
    await Promise.all([out, closed])
    expect(await looking).toBeInstanceOf(SignedOutError)
    expect(saved).toEqual([null])
    expect(revoke).toHaveBeenCalledWith(expect.objectContaining({ refreshToken: 'r1' }))
    expect(events.map(({ name }) => name)).toEqual(['signed-out'])
  })

  test('revokes the pair of a sign-in that is being saved', async () => {
    const revoked: unknown[] = []
    const { session, saved } = createKit({
      load: () => null,
      save: async (tokens) => {
        await settle()
        saved.push(tokens)
      },
      revoke: ({ refreshToken }) => revoked.push(refreshToken),
    })
    const signIn = rejection(session.signIn({ access_token: 'b', refresh_token: 'r-b' }))
    await new Promise((resolve) => setImmediate(resolve))
    await session.signOut()
    expect(await signIn).toBeInstanceOf(SignedOutError)
    expect(revoked).toEqual(['r-b'])
    expect(saved.at(-1)).toBeNull()
  })

  test('lets revoke use the client that the session is attached to', async () => {
    const { session } = createKit({
      revoke: async () => {
        await session.getTokens().catch(() => {})
        revoked++
      },
    })
    let revoked = 0
    await session.getTokens()
    await session.signOut()
    expect(revoked).toBe(1)
  })
})
