import { StoreError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

describe('deadlines', () => {
  test('let callers go after refreshTimeoutMs, and keep the token request', async () => {
    const { session, server, saved, clock } = createKit({ refreshTimeoutMs: 2000 })
    server.hold = true
    const rejected = await session.getTokens()
    const waiter = rejection(session.refresh({ rejected }))
    await clock.advance(1999)
    expect(await Promise.race([waiter, 'waiting'])).toBe('waiting')
    await clock.advance(1)
    const error = await waiter
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN', retryAt: clock.now() + 58_000 })
    expect(error.message).toContain('use another client there')
    // Nothing new is started, and everybody gets the cached error.
    expect(await rejection(session.refresh({ rejected }))).toBe(error)
    expect(server.requests).toBe(1)
    expect(server.pending[0]?.signal.aborted).toBe(false)
    // The answer may be the only valid pair: it is saved and used whenever it comes.
    server.pending[0]?.answer()
    await settle()
    expect(saved).toMatchObject([{ accessToken: 'a2' }])
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'a2' })
    expect(server.requests).toBe(1)
  })

  test('give a token request up after a minute, and try again at the next need', async () => {
    const { session, server, clock } = createKit({ refreshTimeoutMs: 2000 })
    server.hold = true
    const rejected = await session.getTokens()
    void rejection(session.refresh({ rejected }))
    await clock.advance(59_999)
    expect(server.pending[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(server.pending[0]?.signal.aborted).toBe(true)
    void rejection(session.refresh({ rejected }))
    await settle()
    expect(server.requests).toBe(2)
  })

  test('say when a token request is given up, counted from its sending', async () => {
    const { session, server, clock, stored } = createKit({
      refreshTimeoutMs: 10_000,
      load: () => new Promise((resolve) => clock.setTimeout(() => resolve(stored.tokens), 5000)),
    })
    server.hold = true
    const rejected = session.getTokens()
    await clock.advance(5000)
    const waiter = rejection(session.refresh({ rejected: await rejected }))
    await clock.advance(10_000)
    const { code, retryAt } = await waiter
    expect(code).toBe('ERR_REFRESH_UNCERTAIN')
    await clock.advance(Number(retryAt) - clock.now() - 1)
    expect(server.pending[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(server.pending[0]?.signal.aborted).toBe(true)
    // Whoever comes back just then makes a token request.
    void rejection(session.refresh())
    await clock.advance(5000)
    expect(server.requests).toBe(2)
  })

  test('adopt an answer that was given up on, while its parent is still held', async () => {
    const { session, server, clock, saved } = createKit({ refreshTimeoutMs: 2000 })
    server.hold = true
    const rejected = await session.getTokens()
    void rejection(session.refresh({ rejected }))
    await clock.advance(60_000)
    server.pending[0]?.answer()
    await settle()
    expect(saved).toMatchObject([{ accessToken: 'a2' }])
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'a2' })
  })

  test('do not send the spent refresh token while an answer that came late is being saved', async () => {
    let saved = () => {}
    const { session, server, clock } = createKit({
      refreshTimeoutMs: 2000,
      save: () => new Promise<void>((resolve) => (saved = resolve)),
    })
    server.hold = true
    const rejected = await session.getTokens()
    void rejection(session.refresh({ rejected }))
    await clock.advance(65_000)
    server.pending[0]?.answer()
    await settle()
    const next = session.refresh({ rejected })
    await settle()
    expect(server.received).toEqual(['r1'])
    saved()
    expect(await next).toMatchObject({ accessToken: 'a2' })
    expect(server.received).toEqual(['r1'])
  })

  test('drop an answer that was given up on, once there is another pair', async () => {
    const { session, server, clock } = createKit({ refreshTimeoutMs: 2000 })
    server.hold = true
    const rejected = await session.getTokens()
    void rejection(session.refresh({ rejected }))
    await clock.advance(60_000)
    await session.signIn({ access_token: 'new', refresh_token: 'new-r' })
    server.pending[0]?.answer()
    await settle()
    expect(await session.getTokens()).toMatchObject({ accessToken: 'new' })
  })

  test('do not call it uncertain while the token request has not left', async () => {
    let slow = false
    const { session, server, clock, stored } = createKit({
      refreshTimeoutMs: 2000,
      load: () => (slow ? new Promise(() => {}) : stored.tokens),
    })
    const rejected = await session.getTokens()
    slow = true
    const waiter = rejection(session.refresh({ rejected }))
    await clock.advance(2000)
    const error = await waiter
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: expect.stringContaining('use another client there') })
    expect(server.requests).toBe(0)
    // It is not remembered.
    slow = false
    await clock.advance(1000)
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'a2' })
  })

  test('say that it is load which hangs when it is asked once more after a refusal', async () => {
    let loads = 0
    const { session, clock, stored } = createKit({
      refreshTimeoutMs: 2000,
      load: () => (++loads < 3 ? stored.tokens : new Promise(() => {})),
      refresh: () => fail(400, { error: 'invalid_grant' }),
    })
    const waiter = rejection(session.refresh({ rejected: await session.getTokens() }))
    await clock.advance(2000)
    expect(loads).toBe(3)
    expect(await waiter).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })

  test('let a caller leave when its signal aborts', async () => {
    const { session, server } = createKit()
    server.hold = true
    await session.getTokens()
    const controller = new AbortController()
    const leaving = rejection(session.refresh({ signal: controller.signal }))
    const staying = session.refresh()
    await settle()
    controller.abort(new Error('user left'))
    expect((await leaving).message).toBe('user left')
    server.pending[0]?.answer()
    expect(await staying).toMatchObject({ accessToken: 'a2' })
  })

  test('do not start anything for a caller who has left already', async () => {
    const { session, server } = createKit()
    expect((await rejection(session.refresh({ signal: AbortSignal.abort() }))).name).toBe('AbortError')
    expect(await rejection(session.getTokens({ signal: AbortSignal.abort() }))).toBeDefined()
    expect(session.status).toBe('unknown')
    expect(server.requests).toBe(0)
  })

  test('complete a refresh nobody waits for any more', async () => {
    const { session, server, saved } = createKit()
    server.hold = true
    const controller = new AbortController()
    const leaving = rejection(session.refresh({ signal: controller.signal }))
    await settle()
    controller.abort()
    await leaving
    server.pending[0]?.answer()
    await settle()
    expect(saved).toMatchObject([{ accessToken: 'a2' }])
  })
})
