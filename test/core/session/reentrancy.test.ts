import { EventEmitter } from 'node:events'
import { AuthError, createSession, type Session } from 'axios-renew'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'

const REENTRANT = { code: 'ERR_REENTRANT_REFRESH' }
const pause = () => new Promise((resolve) => setImmediate(resolve))
const start = { tokens: { access_token: 'a', refresh_token: 'r' } }

describe('a callback that waits for its own session', () => {
  test('fails at once in refresh, after an await too', async () => {
    const session: Session = createSession({
      ...start,
      async refresh() {
        await pause()
        await session.getTokens()
        return { access_token: 'b' }
      },
    })
    const error = await rejection(session.refresh())
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject(REENTRANT)
    expect(error.message).toContain('renew: { skip: true }')
  })

  test('fails in load', async () => {
    const session: Session = createSession({
      refresh: () => null,
      async load() {
        await session.getTokens()
        return null
      },
    })
    expect(await rejection(session.getTokens())).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', cause: REENTRANT })
  })

  test('fails in save', async () => {
    const errors: unknown[] = []
    const session: Session = createSession({
      ...start,
      refresh: () => ({ access_token: 'b', refresh_token: 's' }),
      async save() {
        await session.getTokens()
      },
    })
    session.on('save-failed', ({ error }) => errors.push(error.cause))
    await session.refresh()
    expect(errors[0]).toMatchObject(REENTRANT)
    // The pair is served, and the retry of the save need not keep this test alive.
    await session.signOut().catch(() => {})
  })

  test('fails through a chain of sessions', async () => {
    const b: Session = createSession({ ...start, refresh: async () => a.refresh().then(() => ({ access_token: 'b2' })) })
    const a: Session = createSession({ ...start, refresh: async () => b.refresh().then(() => ({ access_token: 'a2' })) })
    expect(await rejection(a.refresh())).toMatchObject(REENTRANT)
  })

  test('fails when two sessions that were started apart come to wait for each other', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const a: Session = createSession({
      ...start,
      account: 'a',
      refresh: async () => gate.then(() => b.refresh()).then(() => ({ access_token: 'a2' })),
    })
    const b: Session = createSession({
      ...start,
      account: 'b',
      refresh: async () => gate.then(() => a.refresh()).then(() => ({ access_token: 'b2' })),
    })
    const both = [rejection(a.refresh()), rejection(b.refresh())]
    await pause()
    go()
    const errors = await Promise.all(both)
    expect(errors.some(({ code }) => code === 'ERR_REENTRANT_REFRESH')).toBe(true)
  })
})

/** What outlives the callback that began it, and asks for tokens again and again. */
const LEFT_BEHIND: Record<string, (ask: () => void) => () => void> = {
  'a timeout that begins the next one': (ask) => {
    let timer = setTimeout(function again() {
      ask()
      timer = setTimeout(again, 1)
    }, 1)
    return () => clearTimeout(timer)
  },
  'an interval': (ask) => {
    const timer = setInterval(ask, 1)
    return () => clearInterval(timer)
  },
  'a subscription': (ask) => {
    feed.on('news', ask)
    return () => feed.off('news', ask)
  },
  'a subscription to what it opened itself': (ask) => {
    const own = new EventEmitter().on('news', ask)
    const timer = setInterval(() => own.emit('news'), 1)
    return () => clearInterval(timer)
  },
}

/** Something that has been there before all callbacks. */
const feed = new EventEmitter()
const ticking = setInterval(() => feed.emit('news'), 1)
afterAll(() => clearInterval(ticking))

describe('no false alarm', () => {
  test('comes from another session that is used in a callback', async () => {
    const b = createSession({ ...start, refresh: async () => ({ access_token: 'b2', refresh_token: 's' }) })
    const a = createSession({ ...start, refresh: async () => ({ access_token: `with ${(await b.refresh()).accessToken}` }) })
    expect(await a.refresh()).toMatchObject({ accessToken: 'with b2' })
  })

  describe.each(['load', 'save', 'refresh'] as const)('comes from what %s has left behind:', (callback) => {
    test.each(Object.entries(LEFT_BEHIND))('%s', async (_what, leave) => {
      let asked = 0
      const outcomes: unknown[] = []
      const ask = () => {
        asked++
        session.getTokens().then(
          ({ accessToken }) => outcomes.push(accessToken),
          (error) => outcomes.push(error.code),
        )
      }
      const several = async () => {
        const enough = asked + 3
        await expect.poll(() => asked, { interval: 1 }).toBeGreaterThanOrEqual(enough)
      }
      let stop: (() => void) | undefined
      const called = async (name: typeof callback) => {
        await pause()
        if (name === callback) stop ??= leave(ask)
      }
      const { session, server, stored } = createKit({
        load: async () => called('load').then(() => stored.tokens),
        save: async (tokens) => {
          stored.tokens = tokens
          await called('save')
        },
        refresh: async (...given) => {
          await called('refresh')
          return server.refresh(...given)
        },
      })
      onTestFinished(() => stop?.())
      await session.refresh()
      await several()
      // It goes on beside a later callback, and waits for that as anybody does.
      server.hold = true
      const refreshing = session.refresh({ rejected: await session.getTokens() })
      await several()
      await expect.poll(() => server.pending.length).toBe(1)
      server.pending[0]?.answer()
      await refreshing
      await several()
      stop?.()
      await expect.poll(() => outcomes.length).toBe(asked)
      expect(outcomes.filter((outcome) => !/^a[1-3]$/.test(String(outcome)))).toEqual([])
      expect(outcomes).toContain('a3')
    })
  })

  test('comes from requests that only happen at the same time', async () => {
    const session = createSession({
      ...start,
      refresh: async () => {
        await pause()
        return { access_token: 'b', refresh_token: 's' }
      },
    })
    const refreshing = session.refresh()
    const others = Promise.all([session.getTokens(), session.refresh()])
    await Promise.all([refreshing, others])
  })
})
