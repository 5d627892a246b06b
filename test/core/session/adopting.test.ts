import { SignedOutError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('what somebody else has written', () => {
  test('looks what is stored before the token request, and adopts a newer pair', async () => {
    const { session, server, stored, events } = createKit()
    const rejected = await session.getTokens()
    stored.tokens = { access_token: 'b2', refresh_token: 's2', expires_in: 3600, issued_at: Date.parse('2026-01-01T00:00:00Z') }
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'b2', refreshToken: 's2' })
    expect(server.requests).toBe(0)
    expect(events).toMatchObject([{ name: 'refreshed', adopted: true, waiters: 1 }])
  })

  test('goes on to the token request when the newer pair has expired, too', async () => {
    const { session, server, stored, clock } = createKit()
    await session.getTokens()
    await server.refresh({ refreshToken: 'r1' }, { account: '', signal: new AbortController().signal })
    stored.tokens = { access_token: 'a2', refresh_token: 'r2', expires_at: clock.now() - 1 }
    expect(await session.refresh()).toMatchObject({ accessToken: 'a3' })
    expect(server.received).toEqual(['r1', 'r2'])
    expect(server.revoked).toBe(false)
  })

  test('never takes up a pair again that it has spent', async () => {
    const { session, server, stored, clock } = createKit({ save: () => {} })
    stored.tokens = server.firstPair
    await session.refresh()
    await clock.advance(2000)
    // save did nothing, so load still gives the spent pair.
    await session.refresh()
    expect(server.received).toEqual(['r1', 'r2'])
    expect(server.revoked).toBe(false)
  })

  test('never does so, however long a storage that cannot be written keeps it', async () => {
    const { session, server, clock } = createKit({ save: () => {} })
    for (let i = 0; i < 40; i++) {
      await session.refresh()
      await clock.advance(1000)
    }
    expect(server.requests).toBe(40)
    expect(server.sentTwice).toEqual([])
  })

  test('notices a sign-out elsewhere', async () => {
    const { session, server, stored, events } = createKit()
    await session.getTokens()
    stored.tokens = null
    expect(await rejection(session.refresh())).toBeInstanceOf(SignedOutError)
    expect(server.requests).toBe(0)
    expect(session.status).toBe('signed-out')
    expect(events.map(({ name }) => name)).toEqual(['signed-out'])
  })

  test("does not adopt another user's pair", async () => {
    const { session, server, stored } = createKit()
    stored.tokens = { ...server.firstPair, user_id: 1 }
    await session.getTokens()
    stored.tokens = { access_token: 'x', refresh_token: 'y', user_id: 2 }
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
  })
})
