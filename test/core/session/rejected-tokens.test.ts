import { type FakeClock, fakeClock } from 'axios-renew/testing'
import { describe, expect, test } from 'vitest'
import { accepted, futile, worthRefreshing } from '../../../src/core/session/rejections.ts'
import { createState, hold, type SessionState } from '../../../src/core/session/state.ts'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('a token that was rejected', () => {
  test('is not handed out while its refresh runs', async () => {
    const { session, server } = createKit()
    server.hold = true
    const rejected = await session.getTokens()
    const refreshing = session.refresh({ rejected })
    const newcomer = session.getTokens()
    await settle()
    server.pending[0]?.answer()
    expect(await newcomer).toMatchObject({ accessToken: 'a2' })
    await refreshing
    expect(server.requests).toBe(1)
  })

  test('is handed out after five seconds of waiting, as it has not expired', async () => {
    const { session, server, clock } = createKit()
    server.hold = true
    const rejected = await session.getTokens()
    const refreshing = session.refresh({ rejected })
    const newcomer = session.getTokens()
    await clock.advance(4999)
    expect(await Promise.race([newcomer, 'waiting'])).toBe('waiting')
    await clock.advance(1)
    expect(await newcomer).toMatchObject({ accessToken: 'a1' })
    server.pending[0]?.answer()
    await refreshing
  })

  test('is handed out at once during a back-off; only what is rejected gets the cached error', async () => {
    const { session, server } = createKit()
    server.hold = true
    const rejected = await session.getTokens()
    const refreshing = rejection(session.refresh({ rejected }))
    await settle()
    server.pending[0]?.fail(new Error('network'))
    const error = await refreshing
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a1' })
    expect(await rejection(session.refresh({ rejected }))).toBe(error)
    expect(server.requests).toBe(1)
  })
})

describe('futile refreshes', () => {
  function state(): { state: SessionState; clock: FakeClock; next: () => ReturnType<typeof hold> } {
    const clock = fakeClock()
    const state = createState('a', { refresh: () => null, refreshTimeoutMs: 1000, clock })
    return { state, clock, next: () => hold(state, { accessToken: 'x' }) }
  }

  test('are granted six times, and then once a minute', () => {
    const { state: session, clock, next } = state()
    const attempts = () => {
      let granted = 0
      while (worthRefreshing(session, session.held ?? next(), '/always') && granted < 50) {
        granted++
        futile(session, next())
      }
      return granted
    }
    expect(attempts()).toBe(6)
    clock.jump(60_000)
    expect(attempts()).toBe(1)
    clock.jump(3600_000)
    expect(attempts()).toBe(6)
  })

  test('count once, however many requests came back with the new token in vain', () => {
    const { state: session, next } = state()
    const held = next()
    for (let i = 0; i < 100; i++) futile(session, held)
    expect(worthRefreshing(session, held, '/always')).toBe(true)
  })

  test('do not hide the revocation of a token that the endpoint had accepted', () => {
    const { state: session, next } = state()
    for (let i = 0; i < 6; i++) futile(session, next())
    const held = next()
    expect(worthRefreshing(session, held, '/healthy')).toBe(false)
    accepted(session, held, () => '/healthy')
    expect(worthRefreshing(session, held, '/healthy')).toBe(true)
    expect(worthRefreshing(session, held, '/always')).toBe(false)
    expect(worthRefreshing(session, next(), '/healthy')).toBe(false)
  })

  test('remember a bounded number of endpoints', () => {
    const { state: session, next } = state()
    futile(session, next())
    const held = next()
    for (let i = 0; i < 10_000; i++) accepted(session, held, () => `/payments/${i}`)
    expect(session.acceptedBy?.endpoints.size).toBeLessThanOrEqual(200)
  })
})
