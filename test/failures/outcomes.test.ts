import { createSession, oauth2 } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../../examples/servers/authorization-server.ts'
import { rejection } from '../support/session-kit.ts'
import { harmless, rows } from './faults.ts'
import { startFaultyProxy } from './faulty-proxy.ts'

let auth: AuthorizationServer

beforeAll(async () => {
  auth = await startAuthorizationServer()
})

afterAll(() => auth.close())

let sellers = 0

/** A session of a new seller, whose token requests go through a proxy. */
async function setScene() {
  const account = `seller-${++sellers}`
  const { clientId, clientSecret } = auth
  const proxy = await startFaultyProxy(auth.tokenEndpoint)
  const clock = fakeClock(Date.now())
  const first = await auth.authorize(account)
  const saved: unknown[] = []
  const session = createSession({
    ...oauth2({ tokenEndpoint: proxy.url, clientId, clientSecret }),
    clock,
    tokens: first,
    save: (tokens) => void saved.push(tokens),
  })
  await session.getTokens()
  const failures: unknown[] = []
  session.on('refresh-failed', ({ error }) => failures.push(error.code))
  return { account, proxy, clock, session, saved, failures, first }
}

describe('a token request that goes wrong', () => {
  test.each(rows)('$what: $code', async ({ fault, code }) => {
    const { account, proxy, clock, session, saved, failures, first } = await setScene()
    const before = auth.counters.tokenRequests
    const rejected = await session.getTokens()
    proxy.fault = fault
    const waiters = Array.from({ length: 5 }, () => rejection(session.refresh({ rejected })))
    const codes = (await Promise.all(waiters)).map((error) => error.code)
    expect(codes).toEqual([code, code, code, code, code])
    // Everybody who comes later gets the same, without another token request.
    expect(await rejection(session.refresh({ rejected }))).toMatchObject({ code })
    expect([proxy.requests, auth.counters.tokenRequests - before]).toEqual([1, fault.reaches ? 1 : 0])
    // Nothing that was saved is touched.
    expect(saved).toHaveLength(1)

    // The fault is over.
    proxy.fault = undefined
    await clock.advance(60_000)
    if (code === 'ERR_SESSION_ENDED') {
      expect(session.status).toBe('ended')
      expect(await rejection(session.refresh({ rejected }))).toMatchObject({ code })
      expect(proxy.requests).toBe(1)
      await session.signIn(await auth.authorize(`${account} again`))
      expect(await session.refresh()).toMatchObject({ accessToken: expect.any(String) })
    } else if (fault.reaches) {
      // The refresh token was spent by a request whose answer got lost: that is found out, and said.
      const error = await rejection(session.refresh({ rejected }))
      expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', cause: { code: 'ERR_SESSION_ENDED' } })
      expect(error.message).toContain('An earlier token request was left without an answer')
      expect(failures).toEqual([code])
    } else {
      expect(session.status).toBe('active')
      const fresh = await session.refresh({ rejected })
      expect(fresh.refreshToken).not.toBe(first.refresh_token)
      expect(await auth.grantAlive(account)).toBe(true)
      expect([saved.length, failures]).toEqual([2, [code]])
    }
  })

  test('covers at least forty ways', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length)
  })
})

describe('an answer that looks odd and has the tokens', () => {
  test.each(harmless)('%s', async (_what, fault) => {
    const { account, proxy, session, first } = await setScene()
    proxy.fault = fault
    const fresh = await session.refresh()
    expect(fresh.refreshToken).not.toBe(first.refresh_token)
    proxy.fault = undefined
    expect(await auth.accepts(fresh.accessToken)).toBe(true)
    expect(await auth.grantAlive(account)).toBe(true)
  })
})
