import { SignedOutError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

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

  test('takes an empty row for no sign-out where load has never found anything', async () => {
    const { session, server, saved } = createKit({ load: () => null })
    await session.signIn(server.firstPair)
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
    expect(saved.map((tokens) => tokens?.accessToken)).toEqual(['a1', 'a2'])
  })

  test("does not adopt another user's pair", async () => {
    const { session, server, stored } = createKit()
    stored.tokens = { ...server.firstPair, user_id: 1 }
    await session.getTokens()
    stored.tokens = { access_token: 'x', refresh_token: 'y', user_id: 2 }
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
  })

  test.each([1, 2])('heals an ended session, also when it is a sign-in of user %s', async (user) => {
    const { session, stored, clock, events } = createKit({ refresh: async () => fail(401) })
    stored.tokens = { access_token: 'a1', refresh_token: 'r1', user_id: 1 }
    await rejection(session.refresh({ rejected: await session.getTokens() }))
    stored.tokens = { access_token: 'b1', refresh_token: 's1', user_id: user }
    await clock.advance(1000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'b1', refreshToken: 's1', extra: { user_id: user } })
    expect(session.getSnapshot()).toMatchObject({ status: 'active', generation: 1 })
    expect(events.map(({ name }) => name)).toEqual(['ended', 'signed-in'])
  })

  test('after an end takes nothing over from the former user', async () => {
    const sent: unknown[] = []
    const { session, stored, clock } = createKit({
      refresh: async ({ refreshToken }) => {
        sent.push(refreshToken)
        return fail(401)
      },
    })
    stored.tokens = { access_token: 'a1', refresh_token: 'r1', scope: 'admin', user_id: 1 }
    await rejection(session.refresh({ rejected: await session.getTokens() }))
    stored.tokens = { access_token: 'b1', expires_at: clock.now() + 10_000 }
    await clock.advance(1000)
    expect(await session.getTokens()).toEqual({ accessToken: 'b1', expiresAt: clock.now() + 9000 })
    await clock.advance(20_000)
    await rejection(session.getTokens())
    expect(sent).toEqual(['r1', undefined])
  })

  test('may be a cookie only, after nothing was there', async () => {
    const { session, stored, clock } = createKit({ refresh: async () => ({ access_token: 'from the cookie' }) })
    stored.tokens = null
    await rejection(session.getTokens())
    stored.tokens = {}
    await clock.advance(1000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'from the cookie' })
  })

  test('is no sign-in when it is a cookie that was there at the sign-out', async () => {
    const { session, clock } = createKit({ load: () => ({}), refresh: async () => ({ access_token: 'from the cookie' }) })
    await session.getTokens()
    await session.signOut()
    await clock.advance(5000)
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
  })

  test('is looked for before a refusal is believed: while it cannot be read, the session goes on', async () => {
    const { session, stored, events, rejected, repair, requests } = await refusedWhileBroken()
    expect(session.status).toBe('active')
    repair()
    stored.tokens = { access_token: 'newer', refresh_token: 'newer' }
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'newer' })
    expect(requests()).toBe(1)
    expect(events.map(({ name }) => name)).toEqual(['refresh-failed', 'refreshed'])
  })

  test('is looked for once more, and the refused token is not sent again, when it could not be read', async () => {
    const { session, rejected, repair, requests } = await refusedWhileBroken()
    repair()
    expect(await rejection(session.refresh({ rejected }))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect(requests()).toBe(1)
  })
})

/** A session whose refresh token was refused, and whose storage could not be read then. */
async function refusedWhileBroken() {
  const now = { broken: false, requests: 0 }
  const kit = createKit({
    load: () => {
      if (now.broken) throw new Error('database down')
      return kit.stored.tokens as object
    },
    refresh: async () => {
      now.requests++
      now.broken = true
      return fail(400, { error: 'invalid_grant' })
    },
  })
  const rejected = await kit.session.getTokens()
  expect(await rejection(kit.session.refresh({ rejected }))).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  return { ...kit, rejected, repair: () => Object.assign(now, { broken: false }), requests: () => now.requests }
}
