import { AuthError, createSession, type Session } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../support/session-kit.ts'

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

describe('no false alarm', () => {
  test('comes from another session that is used in a callback', async () => {
    const b = createSession({ ...start, refresh: async () => ({ access_token: 'b2', refresh_token: 's' }) })
    const a = createSession({ ...start, refresh: async () => ({ access_token: `with ${(await b.refresh()).accessToken}` }) })
    expect(await a.refresh()).toMatchObject({ accessToken: 'with b2' })
  })

  test('comes from what a callback has left behind', async () => {
    let later: Promise<unknown> | undefined
    const session: Session = createSession({
      ...start,
      load: async () => {
        // A subscription, a poll, a log line: it outlives the callback that began it.
        later ??= new Promise((resolve) => setTimeout(resolve, 5)).then(() => session.getTokens())
        return { access_token: 'a', refresh_token: 'r' }
      },
      refresh: () => null,
    })
    await session.getTokens()
    expect(await later).toMatchObject({ accessToken: 'a' })
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
