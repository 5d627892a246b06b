import { SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test, vi } from 'vitest'
import { settle } from '../../support/fake-clock.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('signing in', () => {
  test('saves the tokens, then uses them', async () => {
    const { session, saved, events } = createKit({ load: () => null })
    await session.signIn({ access_token: 'x', refresh_token: 'y', expires_in: 3600 })
    expect(saved).toMatchObject([{ accessToken: 'x', refreshToken: 'y' }])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'x' })
    expect(events).toMatchObject([{ name: 'signed-in', adopted: false, generation: 1 }])
  })

  test('makes requests wait until it is written', async () => {
    let finish = () => {}
    const { session } = createKit({
      save: () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    })
    await session.getTokens()
    const signIn = session.signIn({ access_token: 'x' })
    const tokens = session.getTokens()
    await settle()
    expect(await Promise.race([tokens, 'waiting'])).toBe('waiting')
    finish()
    await signIn
    expect(await tokens).toMatchObject({ accessToken: 'x' })
  })

  test('overtakes a load, whose waiters are let go', async () => {
    let finish = (_tokens: object) => {}
    const { session } = createKit({
      load: () =>
        new Promise<object>((resolve) => {
          finish = resolve
        }),
    })
    const waiter = rejection(session.getTokens())
    await settle()
    await session.signIn({ access_token: 'x' })
    expect(await waiter).toBeInstanceOf(SignedOutError)
    finish({ access_token: 'old' })
    await settle()
    expect(await session.getTokens()).toMatchObject({ accessToken: 'x' })
  })

  test('overtakes a refresh: the late pair is dropped, and not revoked, as it may be of the same grant', async () => {
    const revoke = vi.fn()
    const { session, server, saved } = createKit({ revoke })
    server.hold = true
    const waiter = rejection(session.refresh())
    await settle()
    await session.signIn({ access_token: 'x', refresh_token: 'x-r' })
    expect(await waiter).toBeInstanceOf(SignedOutError)
    server.pending[0]?.answer()
    await settle()
    expect(await session.getTokens()).toMatchObject({ accessToken: 'x' })
    expect(saved.at(-1)).toMatchObject({ accessToken: 'x' })
    expect(revoke).not.toHaveBeenCalled()
  })

  test('never has two token requests under way, even across users', async () => {
    const { session, server } = createKit()
    server.hold = true
    void rejection(session.refresh())
    await settle()
    await session.signIn({ access_token: 'x', refresh_token: 'r2' })
    const next = session.refresh()
    await settle()
    expect(server.mostAtOnce).toBe(1)
    server.hold = false
    server.pending[0]?.answer()
    expect(await next).toMatchObject({ accessToken: 'a3' })
    expect(server.mostAtOnce).toBe(1)
  })

  test("rejects a former user's tokens, however they come back", async () => {
    const { session, server } = createKit()
    const rejected = await session.getTokens()
    await session.signIn({ access_token: 'x', refresh_token: 'y' })
    expect(await rejection(session.refresh({ rejected }))).toBeInstanceOf(SignedOutError)
    expect(server.requests).toBe(0)
  })

  test('lets the later of two win', async () => {
    const { session, saved } = createKit({ load: () => null })
    const first = rejection(session.signIn({ access_token: 'first' }))
    const second = session.signIn({ access_token: 'second' })
    expect(await first).toBeInstanceOf(SignedOutError)
    await second
    expect(await session.getTokens()).toMatchObject({ accessToken: 'second' })
    expect(saved.at(-1)).toMatchObject({ accessToken: 'second' })
  })

  test('rejects when it cannot be written and must be, but keeps the pair', async () => {
    let broken = true
    const { session, clock } = createKit({
      load: () => null,
      onSaveFailure: 'reject',
      save: () => {
        if (broken) throw new Error('disk full')
      },
    })
    expect(await rejection(session.signIn({ access_token: 'x' }))).toMatchObject({ code: 'ERR_SAVE_FAILED' })
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_SAVE_FAILED' })
    broken = false
    await clock.advance(2000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'x' })
  })

  test.each([
    [undefined, 'got undefined'],
    [null, 'got null'],
    ['token', 'got string'],
    [{ data: { access_token: 'a' }, status: 200 }, 'got data, status'],
  ])('refuses %j', async (input, said) => {
    const { session } = createKit()
    const error = await rejection(session.signIn(input as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(`session.signIn: expected tokens or the body of a token response, ${said}`)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })
})

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

describe('closing', () => {
  test('lets a running refresh finish and be saved, and starts nothing new', async () => {
    const { session, server, saved } = createKit()
    server.hold = true
    const waiter = session.refresh()
    await settle()
    const closed = session.close()
    server.pending[0]?.answer()
    await Promise.all([waiter, closed])
    expect(saved).toMatchObject([{ accessToken: 'a2' }])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: 'The session is closed' })
    expect(server.requests).toBe(1)
  })

  test('waits for an unsaved pair, at most refreshTimeoutMs', async () => {
    const { session, clock } = createKit({
      save: () => {
        throw new Error('disk full')
      },
    })
    await session.refresh()
    const closed = session.close().then(() => clock.now())
    const from = clock.now()
    await clock.advance(60_000)
    expect((await closed) - from).toBe(30_000)
  })

  test('is at once when nothing is under way', async () => {
    const { session, clock } = createKit()
    await session.close()
    expect(await rejection(session.getTokens())).toMatchObject({ message: 'The session is closed' })
    expect(clock.pending).toBe(0)
  })
})
