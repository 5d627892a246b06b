import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

describe('closing', () => {
  test('lets a running refresh finish and be saved, and starts nothing new', async () => {
    const { session, server, saved } = createKit()
    server.hold = true
    const waiter = session.refresh()
    await settle()
    const closed = session.close()
    server.pending[0]?.answer()
    await Promise.all([waiter, closed])
    expect(saved).toMatchObject([{ accessToken: 'a2' }])
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a2' })
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: 'The session is closed' })
    expect(server.requests).toBe(1)
  })

  test('waits for an unsaved pair, at most refreshTimeoutMs', async () => {
    const { session, clock } = createKit({
      save: () => {
        throw new Error('disk full')
      },
    })
    await session.refresh()
    const closed = session.close().then(() => clock.now())
    const from = clock.now()
    await clock.advance(60_000)
    expect((await closed) - from).toBe(30_000)
  })

  test('is at once when nothing is under way', async () => {
    const { session, clock } = createKit()
    await session.close()
    expect(await rejection(session.getTokens())).toMatchObject({ message: 'The session is closed' })
    expect(clock.pending).toBe(0)
  })

  test('looks no more whether somebody signed in elsewhere', async () => {
    let loads = 0
    const { session, clock } = createKit({
      load: () => {
        loads++
        return null
      },
    })
    await rejection(session.getTokens())
    await session.close()
    await clock.advance(5000)
    await rejection(session.getTokens())
    expect(loads).toBe(1)
  })
})
