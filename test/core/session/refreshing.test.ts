import { RefreshFailedError, SignedOutError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

describe('refreshing', () => {
  test('makes one token request for all who ask', async () => {
    const { session, server } = createKit()
    const rejected = await session.getTokens()
    const all = await Promise.all(Array.from({ length: 1000 }, () => session.refresh({ rejected })))
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(['a2']))
    expect(server.received).toEqual(['r1'])
  })

  test('does not refresh for tokens that have been replaced', async () => {
    const { session, server } = createKit()
    const rejected = await session.getTokens()
    await session.refresh({ rejected })
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'a2' })
    expect(server.requests).toBe(1)
  })

  test('knows its own tokens also when the server gives the same access token again', async () => {
    let count = 0
    const { session } = createKit({
      refresh: async () => ({ access_token: 'same', refresh_token: `r${++count}` }),
      load: () => ({ access_token: 'same', refresh_token: 'r0' }),
    })
    const rejected = await session.getTokens()
    await session.refresh({ rejected })
    await session.refresh({ rejected })
    expect(count).toBe(1)
  })

  test("compares somebody else's tokens by the access token", async () => {
    const { session, server } = createKit()
    await session.getTokens()
    expect(await session.refresh({ rejected: { accessToken: 'foreign' } })).toMatchObject({ accessToken: 'a1' })
    expect(server.requests).toBe(0)
    expect(await session.refresh({ rejected: { accessToken: 'a1' } })).toMatchObject({ accessToken: 'a2' })
  })

  test('refreshes on demand, at most once a second', async () => {
    const { session, server, clock } = createKit()
    await Promise.all([session.refresh(), session.refresh()])
    await session.refresh()
    expect(server.requests).toBe(1)
    await clock.advance(1000)
    await session.refresh()
    expect(server.requests).toBe(2)
  })

  test('saves before anybody gets the pair', async () => {
    const order: string[] = []
    let release = () => {}
    const { session } = createKit({
      save: async () => {
        order.push('save begins')
        await new Promise<void>((resolve) => {
          release = resolve
        })
        order.push('saved')
      },
    })
    const waiter = session.refresh().then(() => order.push('served'))
    await settle()
    release()
    await waiter
    expect(order).toEqual(['save begins', 'saved', 'served'])
  })

  test('keeps the old refresh token and merges extra when the answer leaves them out', async () => {
    const { session, stored } = createKit({ refresh: async () => ({ access_token: 'b', live_mode: false }) })
    stored.tokens = { access_token: 'a', refresh_token: 'r', scope: 's', user_id: 7, live_mode: true }
    expect(await session.refresh()).toMatchObject({
      accessToken: 'b',
      refreshToken: 'r',
      scope: 's',
      extra: { user_id: 7, live_mode: false },
    })
  })

  test('refuses an answer that is about another user', async () => {
    const { session, stored } = createKit({ refresh: async () => ({ access_token: 'b', refresh_token: 's', user_id: 2 }) })
    stored.tokens = { access_token: 'a', refresh_token: 'r', user_id: 1 }
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.message).toContain('another user')
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a', refreshToken: 'r' })
  })

  test('keeps a refresh token from an answer that has nothing else', async () => {
    const answers = [{ refresh_token: 'r-next' }, { access_token: 'a-next', refresh_token: 'r-last' }]
    const sent: unknown[] = []
    const { session, saved, clock } = createKit({
      refresh: async ({ refreshToken }) => {
        sent.push(refreshToken)
        return answers.shift() ?? null
      },
    })
    const error = await rejection(session.refresh())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
    expect(error.message).toContain('has no access token, but refresh_token')
    expect(saved).toMatchObject([{ accessToken: 'a1', refreshToken: 'r-next' }])
    await clock.advance(60_000)
    await session.refresh()
    expect(sent).toEqual(['r1', 'r-next'])
  })

  test.each([
    ['an object without a token', { foo: 1, bar: 'secret-value' }, 'foo, bar'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a string', 'token', 'string'],
    ['an empty object', {}, 'nothing'],
  ])('says what it received when the answer is %s', async (_name, answer, said) => {
    const { session } = createKit({ refresh: async () => answer as never })
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.message).toContain(`no access token, but ${said}`)
    expect(error.message).not.toContain('secret-value')
    expect(session.status).toBe('active')
  })

  test('takes null from refresh for a sign-out when there is no refresh token', async () => {
    const { session, saved, events } = createKit({ load: () => undefined, tokens: {}, refresh: async () => null })
    expect(await rejection(session.getTokens())).toBeInstanceOf(SignedOutError)
    expect(session.status).toBe('signed-out')
    expect(events.map(({ name }) => name)).toEqual(['signed-out'])
    expect(saved).toEqual([])
  })

  test('reports how long it took and who waited', async () => {
    const { session, server, clock, events } = createKit()
    server.hold = true
    await session.getTokens()
    const waiters = [session.refresh(), session.refresh(), session.refresh()]
    await clock.advance(250)
    server.pending[0]?.answer()
    await Promise.all(waiters)
    expect(events).toMatchObject([
      {
        name: 'refreshed',
        account: 'default',
        generation: 2,
        adopted: false,
        waiters: 3,
        durationMs: 250,
        expiresAt: clock.now() - 250 + 3600_000,
      },
    ])
  })

  test('counts expiry from the sending of the token request', async () => {
    const { session, server, clock } = createKit()
    await session.getTokens()
    server.hold = true
    const sentAt = clock.now()
    const waiter = session.refresh()
    await clock.advance(20_000)
    server.pending[0]?.answer()
    expect(await waiter).toMatchObject({ issuedAt: sentAt, expiresAt: sentAt + 3600_000 })
  })

  test('works without a store', async () => {
    const { session, server } = createKit({ load: undefined, save: undefined, tokens: { access_token: 'a1', refresh_token: 'r1' } })
    await session.refresh()
    expect(server.received).toEqual(['r1'])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
  })

  test('cools down after a failure, for everybody alike', async () => {
    let calls = 0
    const { session, clock } = createKit({
      refresh: async () => {
        calls++
        return fail(503)
      },
    })
    const rejected = await session.getTokens()
    const first = await rejection(session.refresh({ rejected }))
    const second = await rejection(session.refresh({ rejected }))
    expect(second).toBe(first)
    expect(first).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: 'The tokens could not be refreshed (status 503)' })
    expect(first.retryAt).toBeGreaterThanOrEqual(clock.now() + 1000)
    expect(first.retryAt).toBeLessThanOrEqual(clock.now() + 2000)
    expect(calls).toBe(1)
    await clock.advance(2000)
    await rejection(session.refresh({ rejected }))
    expect(calls).toBe(2)
  })
})
