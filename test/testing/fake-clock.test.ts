import { createSession } from 'axios-renew'
import { fakeAuthServer, fakeClock } from 'axios-renew/testing'
import { describe, expect, test, vi } from 'vitest'
import { TokenServer } from '../support/token-server.ts'

const DAY = 24 * 3600_000

test('180 days pass at once, and the token is refreshed when they are over', async () => {
  const clock = fakeClock()
  const server = new TokenServer()
  server.expiresIn = (180 * DAY) / 1000
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair, clock })
  await session.refresh()
  await clock.advance(90 * DAY)
  await session.getTokens()
  expect(server.requests).toBe(1)
  await clock.advance(90 * DAY)
  await session.getTokens()
  expect(server.requests).toBe(2)
})

describe('timers', () => {
  test('fire in their order, at their time, and not when they were cleared', async () => {
    const clock = fakeClock(0)
    const fired: [string, number][] = []
    clock.setTimeout(() => fired.push(['late', clock.now()]), 200)
    clock.setTimeout(() => fired.push(['early', clock.now()]), 100)
    clock.clearTimeout(clock.setTimeout(() => fired.push(['never', clock.now()]), 150))
    expect(clock.pending).toBe(2)
    await clock.advance(250)
    expect(fired).toEqual([
      ['early', 100],
      ['late', 200],
    ])
    expect([clock.now(), clock.pending]).toEqual([250, 0])
  })

  test('that are set by what has fired fire as well, if there is time', async () => {
    const clock = fakeClock(0)
    const fired: number[] = []
    const again = async () => {
      fired.push(clock.now())
      await Promise.resolve()
      clock.setTimeout(again, 100)
    }
    clock.setTimeout(again, 100)
    await clock.advance(350)
    expect(fired).toEqual([100, 200, 300])
  })

  test('do not fire when the clock is turned', async () => {
    const clock = fakeClock(new Date(5000))
    let fired = 0
    clock.setTimeout(() => fired++, 100)
    clock.jump(3600_000)
    expect([clock.now(), fired]).toEqual([3605_000, 0])
    clock.jump(-7200_000)
    await clock.advance(99)
    expect(fired).toBe(0)
    await clock.advance(1)
    expect(fired).toBe(1)
  })
})

test('it goes on where a test has put fake timers in the place of the real ones', async () => {
  vi.useFakeTimers()
  try {
    const clock = fakeClock()
    let fired = false
    clock.setTimeout(() => {
      fired = true
    }, 10)
    await clock.advance(10)
    expect(fired).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('the latency of a server passes by its clock', async () => {
  const clock = fakeClock()
  const auth = fakeAuthServer({ clock, latencyMs: 5000, clientSecret: null })
  const { refresh_token = '' } = auth.signIn()
  let answered = false
  const request = new Request(auth.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token }),
  })
  const answer = auth.handle(request).then((response) => {
    answered = true
    return response
  })
  await clock.advance(4999)
  expect(answered).toBe(false)
  await clock.advance(1)
  expect((await answer).status).toBe(200)
})

test('two who let time pass at once let all of it pass, one after the other', async () => {
  const clock = fakeClock(0)
  const fired: number[] = []
  clock.setTimeout(() => fired.push(clock.now()), 150)
  await Promise.all([clock.advance(100), clock.advance(100)])
  expect([clock.now(), fired]).toEqual([200, [150]])
})

test('a clock that is turned while time passes stays turned', async () => {
  const clock = fakeClock(0)
  clock.setTimeout(() => clock.jump(-3600_000), 50)
  await clock.advance(100)
  expect(clock.now()).toBe(100 - 3600_000)
})

test('a timer without a time is due at once', async () => {
  const clock = fakeClock()
  let fired = 0
  clock.setTimeout(() => fired++, undefined as never)
  clock.setTimeout(() => fired++, -5)
  await clock.advance(0)
  expect(fired).toBe(2)
})

test('it goes on where fake timers were there before it', async () => {
  vi.useFakeTimers()
  vi.resetModules()
  try {
    const fresh = await import('axios-renew/testing')
    const clock = fresh.fakeClock()
    await clock.advance(10)
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 10)
  } finally {
    vi.useRealTimers()
  }
})

test.each([
  ['yesterday', "fakeClock: 'start': expected a number, got string"],
  [Number.NaN, "fakeClock: 'start': expected a number, got NaN"],
  [null, "fakeClock: 'start': expected a number, got null"],
])('a start that is none is refused: %s', (start, message) => {
  expect(() => fakeClock(start as never)).toThrow(new TypeError(message))
})

test('a time that is none is refused, and the clock stands where it was', async () => {
  const clock = fakeClock(1000)
  await expect(clock.advance(-5)).rejects.toThrow("advance: 'ms': expected a number of at least 0, got -5")
  await expect(clock.advance(undefined as never)).rejects.toThrow("advance: 'ms': expected a number of at least 0, got undefined")
  expect(() => clock.jump(Number.NaN)).toThrow("jump: 'ms': expected a number, got NaN")
  expect(clock.now()).toBe(1000)
})
