import { SignedOutError } from 'axios-renew'
import { describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

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
    [{ data: { access_token: 'a' }, status: 200 }, 'got data, status: pass response.data'],
  ])('refuses %j', async (input, said) => {
    const { session } = createKit()
    const error = await rejection(session.signIn(input as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(`session.signIn: expected tokens or the body of a token response, ${said}`)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })

  test('does not send a request on that waited for a look, as it is not the same user', async () => {
    let look = () => {}
    let slow = false
    const { session, stored, clock } = createKit({
      refresh: async () => fail(401),
      load: () => (slow ? new Promise<null>((resolve) => (look = () => resolve(null))) : stored.tokens),
    })
    await rejection(session.refresh({ rejected: await session.getTokens() }))
    slow = true
    await clock.advance(1000)
    const waiter = rejection(session.getTokens())
    await settle()
    await session.signIn({ access_token: 'next', refresh_token: 'next' })
    look()
    expect(await waiter).toBeInstanceOf(SignedOutError)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'next' })
  })

  test('is not rejected by the failed save of the one it overtakes', async () => {
    const { session } = createKit({
      load: () => null,
      onSaveFailure: 'reject',
      save: async (tokens) => {
        await settle()
        if (tokens?.accessToken === 'b') throw new Error('disk full')
      },
    })
    const first = rejection(session.signIn({ access_token: 'b' }))
    await new Promise((resolve) => setImmediate(resolve))
    const second = session.signIn({ access_token: 'c' })
    expect(await first).toBeInstanceOf(SignedOutError)
    await second
    expect(await session.getTokens()).toMatchObject({ accessToken: 'c' })
  })

  test("takes a fresh JWT's lifetime, whatever the clocks say", async () => {
    const { session, clock } = createKit({ load: () => null })
    const anHourAgo = clock.now() / 1000 - 3600
    const claims = btoa(JSON.stringify({ iat: anHourAgo, exp: anHourAgo + 600 }))
    await session.signIn({ access_token: `e.${claims}.s` })
    expect(session.getSnapshot().expiresAt).toBe(clock.now() + 600_000)
  })
})
