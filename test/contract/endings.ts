import { RefreshFailedError, SessionEndedError, SignedOutError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../src/testing/settle.ts'
import type { Transport } from '../support/transport.ts'
import { authorizations, FIRST_PAIR, type Origins, setScene } from './harness.ts'

const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } }

/** What callers get when there is no fresh token. */
export function endings(transport: Transport, origins: () => Origins): void {
  describe('endings', () => {
    test('ends the session once for all waiters, and makes no further token request', async () => {
      const { realm, session, send, saved } = setScene(transport, origins())
      await realm.order({ expire: true, tokenAnswer: INVALID_GRANT, holdToken: true })
      const waiters = Array.from({ length: 20 }, (_, i) => send({ path: `payments/${i}` }).catch((error) => error))
      await realm.arrived(20)
      await realm.order({ release: 'token' })
      for (const error of await Promise.all(waiters)) {
        expect(error).toBeInstanceOf(SessionEndedError)
        expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', response: { status: 401 } })
      }
      expect(session.status).toBe('ended')
      await expect(session.getTokens()).rejects.toBeInstanceOf(SessionEndedError)
      // Public pages on the same client go on working, without a token; a 401 says what is the matter.
      expect(await send({ path: 'public?status=200' })).toMatchObject({ status: 200 })
      await expect(send({ path: 'private' })).rejects.toBeInstanceOf(SessionEndedError)
      expect((await authorizations(realm)).slice(20)).toEqual([undefined, undefined])
      expect(await realm.state()).toMatchObject({ tokenRequests: 1 })
      expect(saved).toHaveLength(1)
    })

    test('works again on the same client after a sign-in', async () => {
      const { realm, session, send } = setScene(transport, origins())
      await realm.order({ expire: true, tokenAnswer: INVALID_GRANT })
      await expect(send({ path: 'payments/1' })).rejects.toBeInstanceOf(SessionEndedError)
      await session.signIn({ access_token: 'other', refresh_token: 'refresh-1' })
      await realm.order({ tokenAnswer: null })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
      expect(session.status).toBe('active')
    })

    test('keeps the session in an outage, and does not show the 401 as the response', async () => {
      const { realm, session, send } = setScene(transport, origins())
      await realm.order({ expire: true, tokenAnswer: { status: 503, body: 'down' } })
      const error = await send({ path: 'payments/1' }).catch((error) => error)
      expect(error).toBeInstanceOf(RefreshFailedError)
      expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED', rejection: { status: 401 } })
      expect(error.response).toBeUndefined()
      expect(error.retryAt).toBeGreaterThan(Date.now())
      expect(session.status).toBe('active')
    })

    test('hands out 401s while nobody is signed in', async () => {
      const { realm, session, send } = setScene(transport, origins(), { tokens: undefined })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 401 })
      expect(await authorizations(realm)).toEqual([undefined])
      expect(session.status).toBe('signed-out')
    })

    test("hands one user's late 401 out as it is while the next user's sign-in is being saved", async () => {
      let saved = () => {}
      const { realm, session, send } = setScene(transport, origins(), {
        save: (tokens) => (tokens?.accessToken === 'next' ? new Promise<void>((resolve) => (saved = resolve)) : undefined),
      })
      await realm.order({ expire: true })
      const late = send({ path: 'transfer?hold=late' })
      await realm.arrived(1)
      const signIn = session.signIn({ access_token: 'next', refresh_token: 'next-refresh' })
      await realm.order({ release: 'late' })
      expect(await late).toMatchObject({ status: 401 })
      saved()
      await signIn
      expect(await authorizations(realm)).toEqual(['Bearer access-1'])
      expect(await realm.state()).toMatchObject({ tokenRequests: 0 })
    })

    test('lets waiters go when somebody signs out, and keeps the late pair out', async () => {
      const { realm, session, send, saved } = setScene(transport, origins())
      await realm.order({ expire: true, holdToken: true })
      const waiter = send({ path: 'payments/1' }).catch((error) => error)
      await realm.tokenRequested(1)
      await session.signOut()
      expect(await waiter).toBeInstanceOf(SignedOutError)
      await realm.order({ release: 'token' })
      expect(await send({ path: 'payments/2' })).toMatchObject({ status: 401 })
      expect(saved.at(-1)).toBeNull()
      expect(session.status).toBe('signed-out')
    })

    test("does not replay one user's late 401 as the next user", async () => {
      const { realm, session, send } = setScene(transport, origins())
      const old = send({ path: 'mine?hold=old&status=401' })
      await realm.arrived(1)
      await session.signIn({ access_token: 'next-user', refresh_token: 'next-refresh' })
      await realm.order({ release: 'old' })
      expect(await old).toMatchObject({ status: 401 })
      expect(await authorizations(realm)).toEqual(['Bearer access-1'])
    })

    test('leaves a wait at once when the caller aborts; the refresh goes on and is saved', async () => {
      const { realm, session, send, saved } = setScene(transport, origins())
      await realm.order({ expire: true, holdToken: true })
      const controller = new AbortController()
      let outcome = 'waiting'
      void send({ path: 'payments/1', signal: controller.signal }).then(
        () => (outcome = 'answered'),
        () => (outcome = 'left'),
      )
      await realm.tokenRequested(1)
      const refreshed = new Promise((resolve) => session.on('refreshed', resolve))
      expect(outcome).toBe('waiting')
      controller.abort()
      // In the very next turns of the event loop: nothing else is waited for.
      await settle()
      expect(outcome).toBe('left')
      await realm.order({ release: 'token' })
      await refreshed
      expect(saved.at(-1)).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
    })

    test.each([
      ['a refresh token alone', { refresh_token: 'refresh-1' }],
      ['a raw token response of unknown age', { ...FIRST_PAIR, expires_in: 3600 }],
      ['a database row with an ISO date', { accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: '2020-01-01T00:00:00Z' }],
    ])('starts from %s', async (_name, tokens) => {
      const { send } = setScene(transport, origins(), { tokens })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
    })

    test('starts from nothing but a cookie', async () => {
      const { realm, send } = setScene(transport, origins(), {
        tokens: {},
        refresh: async () => realm.refresh({ refreshToken: 'refresh-1' }),
      })
      expect(await send({ path: 'payments/1' })).toMatchObject({ status: 200 })
    })
  })
}
