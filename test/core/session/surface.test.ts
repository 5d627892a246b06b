import { inspect } from 'node:util'
import { createSession } from 'axios-renew'
import { describe, expect, test } from 'vitest'
import { createKit, rejection } from '../../support/session-kit.ts'
import { fail } from '../../support/token-server.ts'

const refresh = () => ({ access_token: 'a' })

describe('options', () => {
  test.each([
    [undefined, 'createSession: expected object, got undefined'],
    ['x', 'createSession: expected object, got string'],
    [{}, "createSession: option 'refresh': expected function, got undefined"],
    [{ refresh: 'https://x' }, "createSession: option 'refresh': expected function, got string"],
    [{ refresh, load: {} }, "createSession: option 'load': expected function, got object"],
    [{ refresh, account: '' }, "createSession: option 'account': expected string or number, got empty string"],
    [{ refresh, account: null }, "createSession: option 'account': expected string or number, got null"],
    [{ refresh, refreshAheadMs: -1 }, "createSession: option 'refreshAheadMs': expected number, got -1"],
    [{ refresh, minValidityMs: Number.NaN }, "createSession: option 'minValidityMs': expected number, got NaN"],
    [{ refresh, refreshTimeoutMs: '30' }, "createSession: option 'refreshTimeoutMs': expected number, got string"],
    [{ refresh, onSaveFailure: 'ignore' }, "createSession: option 'onSaveFailure': expected 'serve' or 'reject', got ignore"],
    [{ refresh, tokens: 'token' }, "createSession: option 'tokens': expected object, got string"],
    [
      { refresh, tokens: { status: 200, data: {} } },
      "createSession: option 'tokens': expected tokens or the body of a token response, got status, data: pass response.data",
    ],
    [{ refresh, clock: 5 }, "createSession: option 'clock': expected object, got number"],
  ])('%j', (options, message) => {
    expect(() => createSession(options as never)).toThrow(new TypeError(message))
  })

  test('names the options there are when one is unknown', () => {
    expect(() => createSession({ refresh, onRefresh: refresh } as never)).toThrow(
      /^createSession: unknown option 'onRefresh', expected refresh, load, save/,
    )
  })

  test('takes undefined for the default', async () => {
    const session = createSession({
      refresh,
      tokens: { access_token: 'a' },
      account: undefined,
      refreshTimeoutMs: undefined,
      load: undefined,
      clock: undefined,
    })
    expect(session.account).toBe('default')
    expect(await session.getTokens()).toMatchObject({ accessToken: 'a' })
  })

  test('does not print a secret that was put in the wrong place', () => {
    const secret = 'TG-secret'
    for (const options of [{ refresh: secret }, { refresh, tokens: secret }, { refresh, client: [secret] }]) {
      expect(() => createSession(options as never)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(secret) }))
    }
  })

  test.each([
    ['a name that does not exist', 'refresh', () => {}, /^session.on: expected 'refreshed' or .*, got refresh$/],
    ['no listener', 'refreshed', undefined, /^listener: expected function, got undefined$/],
  ])('on: %s', (_name, event, listener, message) => {
    const session = createSession({ refresh })
    expect(() => session.on(event as never, listener as never)).toThrow(message)
  })
})

describe('events', () => {
  test('stop when told to', async () => {
    const { session } = createKit()
    let count = 0
    const stop = session.on('refreshed', () => count++)
    stop()
    await session.refresh()
    expect(count).toBe(0)
  })

  test('do not mind listeners that throw or reject', async () => {
    const { session } = createKit()
    session.on('refreshed', () => {
      throw new Error('listener')
    })
    session.on('refreshed', (async () => {
      throw new Error('async listener')
    }) as never)
    let heard = false
    session.on('refreshed', () => {
      heard = true
    })
    expect(await session.refresh()).toMatchObject({ accessToken: 'a2' })
    expect(heard).toBe(true)
  })

  test('and errors never tell a token', async () => {
    const secret = 'TG-canary-1'
    const request = {
      config: { data: `refresh_token=${secret}` },
      request: { _header: secret },
      response: { status: 500, data: secret, headers: {} },
    }
    const thrown = Object.assign(new Error('boom'), request, { toJSON: () => request })
    const kit = createKit({
      refresh: async () => Promise.reject(thrown),
      load: () => ({ access_token: 'canary-access', refresh_token: secret }),
    })
    await kit.session.getTokens()
    const error = await rejection(kit.session.refresh())
    for (const value of [error, error.cause, kit.events, kit.session, kit.session.getSnapshot()]) {
      const printed = `${inspect(value, { depth: 10 })} ${JSON.stringify(value)} ${String(value)}`
      expect(printed).not.toContain('canary')
    }
    expect(error.cause).toBe(thrown)
  })
})

describe('the snapshot', () => {
  test('is the same object until something changes', async () => {
    const { session } = createKit()
    let changes = 0
    session.subscribe(() => changes++)
    const unknown = session.getSnapshot()
    expect(unknown).toEqual({ status: 'unknown', generation: 0 })
    expect(session.getSnapshot()).toBe(unknown)
    const { expiresAt } = await session.getTokens()
    const active = session.getSnapshot()
    expect(active).toEqual({ status: 'active', expiresAt, generation: 1 })
    expect(session.getSnapshot()).toBe(active)
    await session.refresh()
    expect(session.getSnapshot()).toMatchObject({ status: 'active', generation: 2 })
    await session.signOut()
    expect(session.getSnapshot()).toEqual({ status: 'signed-out', generation: 0 })
    expect(changes).toBe(3)
  })

  test('tells of the end', async () => {
    const { session } = createKit({ refresh: async () => fail(401) })
    await rejection(session.refresh())
    expect(session.getSnapshot().status).toBe('ended')
  })

  test('can be followed by functions that were torn off', async () => {
    const { subscribe, getSnapshot, getTokens } = createKit().session
    let changes = 0
    const stop = subscribe(() => changes++)
    await getTokens()
    stop()
    expect(changes).toBe(1)
    expect(getSnapshot().status).toBe('active')
  })
})

describe('a wrong set-up', () => {
  test.each([{}, { now: () => 0, setTimeout: () => 0 }, { now: 0, setTimeout, clearTimeout }])('refuses %o for a clock', (clock) => {
    expect(() => createKit({ clock: clock as never })).toThrow(/^createSession: option 'clock\.\w+': expected function, got/)
  })

  test("refuses the name of an event that is not the user's", () => {
    expect(() => createKit().session.on('change' as never, () => {})).toThrow(/^session.on: expected 'refreshed' or/)
  })
})

describe('an event', () => {
  test('tells all listeners the same, whatever the first one does', async () => {
    const { session } = createKit()
    const heard: number[] = []
    session.on('refreshed', () => void session.signOut())
    session.on('refreshed', ({ generation }) => void heard.push(generation))
    await rejection(session.refresh().then(() => Promise.reject(new Error('fine'))))
    expect(heard).toEqual([2])
  })
})

describe('a token set', () => {
  test('cannot be changed by those who get it', async () => {
    const { session } = createKit()
    const tokens = await session.getTokens()
    expect(() => {
      tokens.accessToken = 'other'
    }).toThrow(TypeError)
    expect(JSON.parse(JSON.stringify(tokens))).toEqual({ ...tokens })
  })
})
