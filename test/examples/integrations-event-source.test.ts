import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Session, ShouldRefresh } from 'axios-renew'
import { type AuthFetchOptions, authFetch } from 'axios-renew/fetch'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type EventFeed, startEventFeed } from '../../examples/servers/event-feed.ts'
import { close, listen } from '../../examples/servers/listen.ts'
import { gate, startScene } from './integrations-scene.ts'

function listenTo(session: Session, url: string, options: Omit<AuthFetchOptions, 'origins'> = {}) {
  const source = new EventSource(url, { fetch: authFetch(session, { origins: [url], ...options }) })
  onTestFinished(() => source.close())
  const received: string[] = []
  let tell = () => {}
  source.addEventListener('message', ({ data }) => {
    received.push(data)
    tell()
  })
  /** Settles when so many events have come in all. */
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      tell = () => received.length >= count && resolve()
      tell()
    })
  return { source, received, until }
}

async function startFeed(accepts: (token: string) => Promise<boolean>): Promise<EventFeed> {
  const feed = await startEventFeed({ accepts })
  onTestFinished(() => feed.close())
  return feed
}

const looksAtBodies: ShouldRefresh = async ({ status, body }) => status === 401 || Object(await body()).error === 'token expired'

test.each([
  { what: 'with the usual rule', shouldRefresh: undefined },
  { what: 'with a shouldRefresh that asks for the body', shouldRefresh: looksAtBodies },
])('each event comes while the stream is open, $what', async ({ shouldRefresh }) => {
  const { auth, session } = await startScene()
  const feed = await startFeed(auth.accepts)
  const { received, until } = listenTo(session, feed.url, { shouldRefresh })
  for (let i = 1; i <= 5; i++) {
    feed.send(`event ${i}`)
    // The next one is sent when this one is here: a buffer would wait for ever.
    await until(i)
  }
  expect(received).toHaveLength(5)
  expect(feed.counters).toEqual({ requests: 1, unauthorized: 0, open: 1 })
})

test.each([
  { what: 'with the usual rule', shouldRefresh: undefined },
  { what: 'with a shouldRefresh that asks for the body', shouldRefresh: looksAtBodies },
])('a long stream is not held in memory, $what', async ({ shouldRefresh }) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const clone = vi.spyOn(Response.prototype, 'clone')
  const { session } = await startScene()
  const event = `data: ${'x'.repeat(64 * 1024)}\n\n`
  const server = createServer(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // 64 MB, as fast as they are taken.
    for (let i = 0; i < 1024; i++) {
      if (!response.write(event)) await new Promise((resolve) => response.once('drain', resolve))
    }
  })
  const url = await listen(server)
  onTestFinished(() => close(server))

  collect()
  const before = process.memoryUsage()
  const source = new EventSource(url, { fetch: authFetch(session, { origins: [url], shouldRefresh }) })
  onTestFinished(() => source.close())
  await new Promise<void>((resolve) => {
    let count = 0
    source.addEventListener('message', () => ++count === 1024 && resolve())
  })
  collect()
  const after = process.memoryUsage()
  // The stream is still open: a copy of it would still be held.
  expect(source.readyState).toBe(EventSource.OPEN)
  expect((after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed) / 2 ** 20).toBeLessThan(16)
  expect(clone).not.toHaveBeenCalled()
})

test('close() ends the stream at the server', async () => {
  const { auth, session } = await startScene()
  const feed = await startFeed(auth.accepts)
  const { source, until } = listenTo(session, feed.url)
  feed.send('event 1')
  await until(1)
  expect(feed.counters.open).toBe(1)
  source.close()
  await feed.idle()
  expect(feed.counters.requests).toBe(1)
})

test('close() while a reconnect waits for the refresh: no more requests, and the refresh goes on', async () => {
  const { passed, open } = gate()
  const asked = gate()
  const { auth, session, expire } = await startScene({
    refresh: async () => {
      asked.open()
      await passed
      return auth.authorize('maria')
    },
  })
  const feed = await startFeed(auth.accepts)
  await expire()
  const { source } = listenTo(session, feed.url)
  await asked.passed
  source.close()
  const refreshed = new Promise((resolve) => session.on('refreshed', resolve))
  open()
  await refreshed
  expect(await auth.accepts((await session.getTokens()).accessToken)).toBe(true)
  expect(feed.counters).toEqual({ requests: 1, unauthorized: 1, open: 0 })
})

test('10 streams that are cut when the token has expired make one token request, and miss nothing', async () => {
  const { auth, session, expire } = await startScene()
  const feed = await startFeed(auth.accepts)
  const streams = Array.from({ length: 10 }, () => listenTo(session, feed.url))
  feed.send('event 1')
  await Promise.all(streams.map(({ until }) => until(1)))
  await expire()
  feed.cut()
  await feed.idle()
  feed.send('event 2')
  await Promise.all(streams.map(({ until }) => until(2)))
  for (const { received } of streams) expect(received).toEqual(['event 1', 'event 2'])
  expect(auth.counters).toMatchObject({ tokenRequests: 1, reused: 0 })
  expect(feed.lastEventIds).toEqual([...Array(10).fill(undefined), ...Array(10).fill('1')])
})

test('while the token endpoint is down the stream comes back again and again, and asks for tokens only when the session has rested', async () => {
  let calls = 0
  const { auth, session, expire } = await startScene({
    refresh: async () => {
      if (++calls === 1) throw new TypeError('fetch failed')
      return auth.authorize('maria')
    },
  })
  const feed = await startFeed(auth.accepts)
  const { until } = listenTo(session, feed.url)
  feed.send('event 1')
  await until(1)
  await expire()
  feed.cut()
  await feed.idle()
  feed.send('event 2')
  await until(2)
  expect(calls).toBe(2)
})

test('without a listener to "ended" it would knock for ever; with it, it closes', async () => {
  const { auth, session, expire, withdraw } = await startScene()
  const feed = await startFeed(auth.accepts)
  const forever = listenTo(session, feed.url)
  const listening = listenTo(session, feed.url)
  session.on('ended', () => listening.source.close())
  feed.send('event 1')
  await Promise.all([forever.until(1), listening.until(1)])
  await withdraw()
  await expire()
  feed.cut()
  let knocks = 0
  await new Promise<void>((resolve) => forever.source.addEventListener('error', () => ++knocks === 4 && resolve()))
  expect(forever.source.readyState).toBe(EventSource.CONNECTING)
  expect(listening.source.readyState).toBe(EventSource.CLOSED)
  expect(auth.counters.tokenRequests).toBe(1)
})
