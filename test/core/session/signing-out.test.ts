import { SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test, vi } from 'vitest'
import { settle } from '../../support/fake-clock.ts'
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
})
