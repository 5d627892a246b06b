import { inspect } from 'node:util'
import { AxiosError } from 'axios'
import { RefreshFailedError, SessionEndedError, SignedOutError, StoreError } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

/** A session whose refresh throws this, and how often it was called. */
function throwing(error: unknown) {
  const kit = createKit({
    refresh: () => {
      count.calls++
      throw error
    },
  })
  const count = { calls: 0 }
  return { ...kit, count }
}

describe('what refresh throws', () => {
  test.each([
    ['SignedOutError', new SignedOutError()],
    ['StoreError', new StoreError('ERR_STORE_UNAVAILABLE', 'its database is down', undefined)],
  ])('may be the %s of another session, which is none of this one: it is transient', async (_name, cause) => {
    const { session, events, count } = throwing(cause)
    const rejected = await session.getTokens()
    for (let i = 0; i < 20; i++) {
      const error = await rejection(session.refresh({ rejected }))
      expect(error).toBeInstanceOf(RefreshFailedError)
      expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED', cause, retryAt: expect.any(Number) })
    }
    expect(count.calls).toBe(1)
    expect(events.map(({ name }) => name)).toEqual(['refresh-failed'])
    expect(session.status).toBe('active')
  })

  test('may be frozen', async () => {
    const { session } = throwing(Object.freeze(new Error('frozen')))
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED' })
  })

  test('may be its own cause', async () => {
    const cause = new Error('chicken')
    cause.cause = new Error('egg', { cause })
    const { session } = throwing(cause)
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', cause })
  })

  test.each([
    ['SessionEndedError', (cause: Error) => new SessionEndedError('over', { cause })],
    ['RefreshFailedError', (cause: Error) => new RefreshFailedError('later', { cause })],
    ['Error', (cause: Error) => new Error('wrapped', { cause })],
  ])('shows no secret of what caused it, a %s around it or not', async (_name, wrap) => {
    const config = { data: 'refresh_token=secret', headers: { Authorization: 'Basic secret' } } as never
    const { session } = throwing(wrap(new AxiosError('timeout', 'ECONNABORTED', config, { _header: 'secret' })))
    const error = await rejection(session.refresh())
    expect(inspect(error, { depth: 10 })).not.toContain('secret')
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  test.each(['data', 'body'])('ends the session when the body of the response is under %s', async (key) => {
    const { session } = throwing(Object.assign(new Error('400'), { response: { status: 400, [key]: { error: 'invalid_grant' } } }))
    expect(await rejection(session.refresh())).toBeInstanceOf(SessionEndedError)
  })

  test('is heeded when it says when to come back, a refused client or not', async () => {
    const { session, clock, count } = throwing(undefined)
    const kit = createKit({
      clock,
      refresh: async () => {
        count.calls++
        return fail(429, { error: 'invalid_request' }, { 'retry-after': '300' })
      },
    })
    const error = await rejection(kit.session.refresh())
    expect(error).toMatchObject({ retryAt: clock.now() + 300_000 })
    await clock.advance(299_000)
    expect(await rejection(kit.session.refresh())).toBe(error)
    expect(count.calls).toBe(1)
    expect(session.status).toBe('unknown')
  })
})

describe('a refresh on demand after one that could not read what is stored', () => {
  test('does not hand out the old tokens as fresh ones', async () => {
    let broken = false
    const { session, stored } = createKit({
      load: () => {
        if (broken) throw new Error('database down')
        return stored.tokens as object
      },
    })
    await session.getTokens()
    broken = true
    expect(await rejection(session.refresh())).toBeInstanceOf(StoreError)
    expect(await rejection(session.refresh())).toBeInstanceOf(StoreError)
    broken = false
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
  })
})
