import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { stayConnected } from '../../examples/integrations/parts/stay-connected.ts'
import { untilClosed } from '../../examples/integrations/parts/until-closed.ts'
import { startPriceFeed } from '../../examples/servers/price-feed.ts'
import { startScene } from './integrations-scene.ts'

/** A scene with a feed, and a client of it that stops with the test. */
async function startFeed({ refusesAll = false, ...options }: { refusesAll?: boolean } & Parameters<typeof startScene>[0] = {}) {
  const scene = await startScene(options)
  const feed = await startPriceFeed({ accepts: refusesAll ? async () => false : scene.auth.accepts })
  const sockets = new Set<WebSocket>()
  const stops: AbortController[] = []
  /** Called for every connection that the server has taken, and for every one that has ended. */
  const on = { accepted: (_count: number) => {}, ended: (_count: number) => {} }
  const counts = { accepted: 0, ended: 0 }
  const connect = async ({ accessToken }: { accessToken: string }) => {
    const socket = new WebSocket(feed.url, { headers: { Authorization: `Bearer ${accessToken}` } })
    sockets.add(socket)
    const ending = await untilClosed(socket, () => on.accepted(++counts.accepted))
    on.ended(++counts.ended)
    return ending
  }
  onTestFinished(async () => {
    for (const stop of stops) stop.abort()
    for (const socket of sockets) socket.terminate()
    await feed.close()
  })
  const until = (what: keyof typeof on, wanted: number) =>
    new Promise<void>((resolve) => {
      const check = (count: number) => count >= wanted && resolve()
      on[what] = check
      check(counts[what])
    })
  /** Starts a client; settles with the error that ended it. */
  const stay = (stop = new AbortController()) => {
    stops.push(stop)
    return stayConnected(scene.session, connect, { signal: stop.signal, firstPauseMs: 5 }).catch((error) => error)
  }
  return { ...scene, feed, until, stay }
}

test('20 sockets that are refused at once make one token request', async () => {
  const { auth, feed, expire, stay, until } = await startFeed()
  await expire()
  for (let i = 0; i < 20; i++) void stay()
  await until('accepted', 20)
  expect(feed.counters).toEqual({ upgrades: 40, refused: 20 })
  expect(feed.connected.size).toBe(20)
  expect(auth.counters).toEqual({ tokenRequests: 1, refreshes: 1, reused: 0, grantsRevoked: 0 })
})

test('20 sockets that are closed with 4401 at once make one token request', async () => {
  const { auth, feed, expire, stay, until } = await startFeed()
  for (let i = 0; i < 20; i++) void stay()
  await until('accepted', 20)
  await expire()
  await feed.expel()
  await until('accepted', 40)
  expect(feed.counters).toEqual({ upgrades: 40, refused: 20 })
  expect(auth.counters.tokenRequests).toBe(1)
})

test('a token that is known to have expired is not even tried', async () => {
  const { auth, session, tokens, feed, stay, until } = await startFeed({ minValidityMs: 10_000, refreshAheadMs: 0 })
  await session.signIn({ ...tokens, expires_in: undefined, expires_at: Date.now() - 1000 })
  void stay()
  await until('accepted', 1)
  expect(feed.counters).toEqual({ upgrades: 1, refused: 0 })
  expect(auth.counters.tokenRequests).toBe(1)
})

test('a server that refuses fresh tokens, too, costs one token request and not one for every attempt', async () => {
  const { auth, feed, stay, until } = await startFeed({ refusesAll: true })
  void stay()
  await until('ended', 6)
  expect(feed.counters.refused).toBeGreaterThanOrEqual(6)
  expect(auth.counters.tokenRequests).toBe(1)
})

test.each([
  { what: 'the grant is withdrawn', code: 'ERR_SESSION_ENDED' },
  { what: 'the user signs out', code: 'ERR_SIGNED_OUT' },
])('when $what it ends with $code, and connects no more', async ({ code }) => {
  const { session, feed, expire, withdraw, stay, until } = await startFeed()
  const client = stay()
  await until('accepted', 1)
  if (code === 'ERR_SESSION_ENDED') await withdraw()
  await expire()
  if (code === 'ERR_SIGNED_OUT') await session.signOut()
  await feed.expel()
  expect(await client).toMatchObject({ code })
  expect(feed.counters.upgrades).toBe(1)
})

test('it outlives an outage of the token endpoint, and waits as long as the session says', async () => {
  let calls = 0
  const { auth, session, feed, expire, stay, until } = await startFeed({
    refresh: async ({ refreshToken = '' }) => {
      if (++calls === 1) throw new TypeError('fetch failed')
      const { clientId: client_id, clientSecret: client_secret, tokenEndpoint } = auth
      const body = new URLSearchParams({ grant_type: 'refresh_token', client_id, client_secret, refresh_token: refreshToken })
      return (await fetch(tokenEndpoint, { method: 'POST', body })).json() as Promise<{ access_token: string }>
    },
  })
  let retryAt = Number.POSITIVE_INFINITY
  session.on('refresh-failed', (failure) => {
    retryAt = failure.retryAt ?? retryAt
  })
  await expire()
  void stay()
  await until('accepted', 1)
  expect(Date.now()).toBeGreaterThanOrEqual(retryAt - 1)
  // Refused, and once more (or twice, by a hair) when the session has rested: nobody knocks meanwhile.
  expect(feed.counters.refused).toBeLessThanOrEqual(3)
  expect(calls).toBe(2)
  expect(auth.counters.tokenRequests).toBe(1)
})

test('it ends with the reason of the signal, also while it waits for a refresh', async () => {
  const { feed, expire, stay, until } = await startFeed({ refresh: () => new Promise(() => {}) })
  await expire()
  const stop = new AbortController()
  const client = stay(stop)
  await until('ended', 1)
  const reason = new Error('the page is left')
  stop.abort(reason)
  expect(await client).toBe(reason)
  expect(feed.counters.upgrades).toBe(1)
})
