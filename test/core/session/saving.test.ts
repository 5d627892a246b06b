import { StoreError, type TokenSet } from 'axios-renew'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { createKit, rejection } from '../../support/session-kit.ts'

/** A `save` that can be made to fail or to hang. */
function storage() {
  const calls: (TokenSet | null)[] = []
  const hanging: (() => void)[] = []
  const behaviour = { mode: 'work' as 'work' | 'fail' | 'hang' }
  const atOnce = { now: 0, most: 0 }
  const save = async (tokens: TokenSet | null) => {
    calls.push(tokens)
    atOnce.now++
    atOnce.most = Math.max(atOnce.most, atOnce.now)
    try {
      if (behaviour.mode === 'fail') throw new Error('disk full')
      if (behaviour.mode === 'hang') await new Promise<void>((resolve) => hanging.push(resolve))
    } finally {
      atOnce.now--
    }
  }
  return { save, calls, hanging, behaviour, atOnce }
}

describe('a save that fails', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('is tried again until it works, while the pair is served', async () => {
    const { save, calls, behaviour } = storage()
    const { session, server, events, clock } = createKit({ save })
    behaviour.mode = 'fail'
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
    expect(events).toMatchObject([
      { name: 'save-failed', attempt: 1, error: { code: 'ERR_SAVE_FAILED', cause: { message: 'disk full' } } },
      { name: 'refreshed' },
    ])
    await clock.advance(60_000)
    behaviour.mode = 'work'
    await clock.advance(60_000)
    expect(calls.at(-1)).toMatchObject({ accessToken: 'a2', refreshToken: 'r2' })
    expect(clock.pending).toBe(0)
    await session.refresh()
    expect(server.received).toEqual(['r1', 'r2'])
  })

  test.each([
    ['longest', 0, [2, 4, 8, 16, 32, 60, 60, 60]],
    ['shortest', 1, [1, 2, 4, 8, 16, 30, 30, 30]],
  ])('is tried again after pauses that double up to a minute (the %s of them)', async (_which, chance, seconds) => {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    const savedAt: number[] = []
    const { session, clock } = createKit({
      save: () => {
        savedAt.push(clock.now())
        throw new Error('disk full')
      },
    })
    await session.refresh()
    await clock.advance(seconds.reduce((all, pause) => all + pause) * 1000)
    expect(savedAt.slice(1).map((at, i) => (at - Number(savedAt[i])) / 1000)).toEqual(seconds)
    // However long nobody can write, there is one attempt a minute.
    savedAt.length = 0
    await clock.advance(3600_000)
    expect(savedAt).toHaveLength(3600 / Number(seconds.at(-1)))
  })

  test('is tried again also when it goes through another session, and fails with the error of that one', async () => {
    const calls: (TokenSet | null)[] = []
    const errors = [new Error('disk full'), new StoreError('ERR_LOCK_TIMEOUT', 'busy'), new StoreError('ERR_STORE_UNAVAILABLE', 'down')]
    const { session, clock } = createKit({
      save(tokens) {
        const error = errors.shift()
        if (error) throw error
        calls.push(tokens)
      },
    })
    await session.signIn({ access_token: 'a1', refresh_token: 'r1' })
    await session.refresh()
    await clock.advance(60_000)
    expect(errors).toEqual([])
    expect(calls.at(-1)).toMatchObject({ accessToken: 'a2', refreshToken: 'r2' })
    expect(session.status).toBe('active')
  })

  test('rejects the callers when told so, and the pair is used once it is saved', async () => {
    const { save, behaviour } = storage()
    const { session, server, clock } = createKit({ save, onSaveFailure: 'reject' })
    const rejected = await session.getTokens()
    behaviour.mode = 'fail'
    const error = await rejection(session.refresh({ rejected }))
    expect(error).toBeInstanceOf(StoreError)
    expect(error.code).toBe('ERR_SAVE_FAILED')
    // Still unsaved: no second token request, the same error.
    expect(await rejection(session.refresh({ rejected }))).toBe(error)
    behaviour.mode = 'work'
    await clock.advance(60_000)
    expect(await session.refresh({ rejected })).toMatchObject({ accessToken: 'a2' })
    expect(server.requests).toBe(1)
  })

  test('does not read over the unsaved pair', async () => {
    const { save, behaviour } = storage()
    const { session, server, clock } = createKit({ save })
    behaviour.mode = 'fail'
    await session.refresh()
    await clock.advance(2000)
    await session.refresh()
    expect(server.received).toEqual(['r1', 'r2'])
    expect(server.revoked).toBe(false)
  })
})

describe('a save that hangs', () => {
  test('is bounded by what is left of refreshTimeoutMs', async () => {
    const { save, behaviour, hanging } = storage()
    const { session, events, clock } = createKit({ save, refreshTimeoutMs: 5000 })
    await session.getTokens()
    behaviour.mode = 'hang'
    const waiter = session.refresh()
    await clock.advance(5000)
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    expect(events[0]).toMatchObject({ name: 'save-failed', error: { cause: { message: 'save took longer than 5000 ms' } } })
    behaviour.mode = 'work'
    for (const finish of hanging) finish()
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
  })

  test('has all of refreshTimeoutMs when it is tried again', async () => {
    const { clock, session, server, events } = createKit({
      refreshTimeoutMs: 1000,
      save: () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 100)),
    })
    server.hold = true
    const waiter = session.refresh()
    await clock.advance(950)
    server.pending[0]?.answer()
    await clock.advance(60_000)
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    expect(events.filter(({ name }) => name === 'save-failed')).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('is done when it settles late with nothing newer to write, however slow the storage is', async () => {
    let calls = 0
    const { clock, session } = createKit({
      refreshTimeoutMs: 1000,
      save: () => {
        calls++
        return new Promise<void>((resolve) => void clock.setTimeout(resolve, 1500))
      },
    })
    const waiter = session.refresh()
    await clock.advance(1000)
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
    await clock.advance(600_000)
    expect(calls).toBeLessThanOrEqual(2)
    expect(clock.pending).toBe(0)
  })

  test('never overlaps with the next one, and the last state wins', async () => {
    const { save, calls, behaviour, hanging, atOnce } = storage()
    const { session } = createKit({ save })
    await session.getTokens()
    behaviour.mode = 'hang'
    const first = rejection(session.signIn({ access_token: 'x', refresh_token: 'x-r' }))
    await settle()
    const second = rejection(session.signIn({ access_token: 'y', refresh_token: 'y-r' }))
    const out = session.signOut()
    await settle()
    expect(calls).toHaveLength(1)
    behaviour.mode = 'work'
    hanging[0]?.()
    await Promise.all([first, second, out])
    expect(atOnce.most).toBe(1)
    expect(calls.at(-1)).toBeNull()
  })

  test('is followed by one more of the newest state when it settles late', async () => {
    const { save, calls, behaviour, hanging } = storage()
    const { session, clock } = createKit({ save, refreshTimeoutMs: 1000 })
    await session.getTokens()
    behaviour.mode = 'hang'
    const waiter = session.refresh()
    await clock.advance(1000)
    await waiter
    behaviour.mode = 'work'
    await clock.advance(10_000)
    await session.signOut()
    const before = calls.length
    expect(calls.at(-1)).toBeNull()
    // The first call may just now write the pair over the sign-out.
    hanging[0]?.()
    await settle()
    expect(calls.slice(before)).toEqual([null])
  })
})

describe('save', () => {
  test('gets a copy: what it does to it is its own affair', async () => {
    const kept: string[] = []
    const { session } = createKit({
      save: (tokens) => {
        kept.push(`${tokens?.accessToken} ${tokens?.extra?.plan}`)
        if (!tokens) return
        tokens.accessToken = `encrypted ${tokens.accessToken}`
        if (tokens.extra) tokens.extra.plan = 'encrypted'
        if (kept.length === 1) throw new Error('disk full')
      },
      refresh: async () => ({ access_token: 'a2', refresh_token: 'r2', plan: 'free' }),
    })
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2', extra: { plan: 'free' } })
    await session.signOut().catch(() => {})
    expect(kept[0]).toBe('a2 free')
  })

  test('does not overlap with what it starts itself', async () => {
    const { save, atOnce, calls } = storage()
    const { session } = createKit({
      save: async (tokens) => {
        if (tokens?.accessToken === 'a2') void session.signOut()
        await save(tokens)
      },
    })
    await rejection(session.refresh())
    await settle()
    expect(atOnce.most).toBe(1)
    expect(calls.at(-1)).toBeNull()
  })

  test('is not bounded by a clock that is turned back', async () => {
    const { save, behaviour } = storage()
    const { session, server, clock } = createKit({ save, load: undefined, tokens: { access_token: 'a1', refresh_token: 'r1' } })
    await session.getTokens()
    behaviour.mode = 'hang'
    server.hold = true
    const waiter = session.refresh()
    await settle()
    clock.jump(-3600_000)
    server.pending[0]?.answer()
    await clock.advance(30_000)
    expect(await waiter).toMatchObject({ accessToken: 'a2' })
  })
})
