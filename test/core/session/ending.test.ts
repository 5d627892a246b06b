import { AuthError, RefreshFailedError, SessionEndedError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

describe('the end of a session', () => {
  test.each([
    ['a SessionEndedError', () => Promise.reject(new SessionEndedError('by an administrator'))],
    ['status 401', () => fail(401)],
    ['status 401 with any body', () => fail(401, { message: 'nope' })],
    ['invalid_grant', () => fail(400, { error: 'invalid_grant' })],
    ['invalid_grant on 403, as Auth0 says it', () => fail(403, { error: 'invalid_grant' })],
    ['BAD_REFRESH_TOKEN, as HubSpot says it', () => fail(400, { status: 'BAD_REFRESH_TOKEN' })],
    ["Twitch's message", () => fail(400, { error: 'Bad Request', status: 400, message: 'Invalid refresh token' })],
    ['unauthorized_application', () => fail(400, { error: 'unauthorized_application' })],
  ])('comes with %s', async (_name, refresh) => {
    const { session } = createKit({ refresh: refresh as never })
    expect(await rejection(session.refresh())).toBeInstanceOf(SessionEndedError)
    expect(session.status).toBe('ended')
  })

  test.each([
    ["a firewall's JSON 403", () => fail(403, { error: 'Forbidden' }), 'ERR_CLIENT_REJECTED'],
    ["a firewall's HTML 403", () => fail(403, '<html>'), 'ERR_REFRESH_FAILED'],
    ['status 500', () => fail(500), 'ERR_REFRESH_FAILED'],
    ['status 429', () => fail(429, 'local_rate_limited'), 'ERR_REFRESH_FAILED'],
    ['a network error', () => Promise.reject(new TypeError('fetch failed')), 'ERR_REFRESH_FAILED'],
    ['invalid_client', () => fail(400, { error: 'invalid_client' }), 'ERR_CLIENT_REJECTED'],
    ['unauthorized_client', () => fail(400, { error: 'unauthorized_client' }), 'ERR_CLIENT_REJECTED'],
    ['nothing thrown at all', () => Promise.reject(undefined), 'ERR_REFRESH_FAILED'],
  ])('does not come with %s', async (_name, refresh, code) => {
    const { session } = createKit({ refresh: refresh as never })
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe(code)
    expect(session.status).toBe('active')
  })

  test('is announced at once, and the access token is served as long as it is valid', async () => {
    const kit = createKit({ refresh: async () => fail(400, { error: 'invalid_grant' }) })
    const { session, events, clock } = kit
    const { expiresAt } = await session.getTokens()
    await rejection(session.refresh())
    expect(events).toMatchObject([{ name: 'ended', validUntil: expiresAt }])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
    await clock.advance(3600_000)
    expect(await rejection(session.getTokens())).toBeInstanceOf(SessionEndedError)
  })

  test('serves on a valid access token also after somebody asked for a refresh', async () => {
    const { session } = createKit({ refresh: async () => fail(400, { error: 'invalid_grant' }) })
    await rejection(session.refresh())
    expect(await rejection(session.refresh())).toBeInstanceOf(SessionEndedError)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
  })

  test('stops serving an access token that was rejected', async () => {
    const { session, events } = createKit({ refresh: async () => fail(400, { error: 'invalid_grant' }) })
    const rejected = await session.getTokens()
    await rejection(session.refresh({ rejected }))
    expect(await rejection(session.getTokens())).toBeInstanceOf(SessionEndedError)
    expect(events.map(({ name, ...event }) => [name, 'validUntil' in event && event.validUntil])).toEqual([['ended', undefined]])
  })

  test('makes no token request until somebody signs in', async () => {
    let calls = 0
    const { session, clock } = createKit({
      refresh: async () => {
        calls++
        return fail(400, { error: 'invalid_grant' })
      },
    })
    const rejected = await session.getTokens()
    await rejection(session.refresh({ rejected }))
    for (let i = 0; i < 10; i++) {
      await clock.advance(600_000)
      await rejection(session.refresh())
      await rejection(session.refresh({ rejected }))
      await rejection(session.getTokens())
    }
    expect(calls).toBe(1)
    await session.signIn({ access_token: 'new', refresh_token: 'r-new' })
    expect(await session.getTokens()).toMatchObject({ accessToken: 'new' })
    expect(session.status).toBe('active')
  })

  test('does not touch the stored pair', async () => {
    const { session, saved, stored } = createKit({ refresh: async () => fail(400, { error: 'invalid_grant' }) })
    await rejection(session.refresh())
    expect(saved).toEqual([])
    expect(stored.tokens).toMatchObject({ refresh_token: 'r1' })
  })

  test("is averted by somebody else's newer pair", async () => {
    const kit = createKit({
      refresh: async () => {
        // Another process was faster.
        kit.stored.tokens = { access_token: 'other-a', refresh_token: 'other-r' }
        return fail(400, { error: 'invalid_grant' })
      },
    })
    const rejected = await kit.session.getTokens()
    expect(await kit.session.refresh({ rejected })).toMatchObject({ accessToken: 'other-a' })
    expect(kit.session.status).toBe('active')
    expect(kit.events).toMatchObject([{ name: 'refreshed', adopted: true }])
  })

  test('is healed by a sign-in elsewhere', async () => {
    const { session, stored, clock } = createKit({ refresh: async () => fail(400, { error: 'invalid_grant' }) })
    const rejected = await session.getTokens()
    await rejection(session.refresh({ rejected }))
    await rejection(session.getTokens())
    stored.tokens = { access_token: 'fresh', refresh_token: 'fresh-r' }
    await clock.advance(1000)
    expect(await session.getTokens()).toMatchObject({ accessToken: 'fresh' })
    expect(session.status).toBe('active')
  })

  test('names a lost answer as the likely cause', async () => {
    const { session, server, clock } = createKit({ refreshTimeoutMs: 1000 })
    server.hold = true
    const lost = rejection(session.refresh())
    await clock.advance(61_000)
    expect(await lost).toMatchObject({ code: 'ERR_REFRESH_UNCERTAIN' })
    server.hold = false
    await clock.advance(60_000)
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(SessionEndedError)
    expect(error.message).toContain('without an answer')
  })

  test('looks for the error code in what ofetch calls data', async () => {
    const { session } = createKit({
      refresh: async () =>
        Promise.reject(Object.assign(new Error('FetchError'), { data: { error: 'invalid_grant' }, response: { status: 400 } })),
    })
    expect(await rejection(session.refresh())).toBeInstanceOf(SessionEndedError)
  })

  test('has errors that are told apart by class and by code', () => {
    const ended = new SessionEndedError()
    expect(ended).toBeInstanceOf(AuthError)
    expect(ended).toBeInstanceOf(Error)
    expect(ended).not.toBeInstanceOf(RefreshFailedError)
    expect(ended).toMatchObject({ code: 'ERR_SESSION_ENDED', name: 'SessionEndedError' })
    class Mine extends SessionEndedError {}
    expect(new Mine()).toBeInstanceOf(SessionEndedError)
    expect(ended).not.toBeInstanceOf(Mine)
    expect(null).not.toBeInstanceOf(AuthError)
  })
})
