// Server-sent events: the `eventsource` package reconnects by itself, and `authFetch` gives each connection the current token.
// Run it with `npx tsx examples/integrations/event-source.ts`; it needs no network.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { EventSource } from 'eventsource'
import { startAuthorizationServer } from '../servers/authorization-server.ts'
import { startEventFeed } from '../servers/event-feed.ts'

const auth = await startAuthorizationServer()
const feed = await startEventFeed({ accepts: auth.accepts })
try {
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  const tokens = await auth.authorize('maria')
  await session.signIn(tokens)

  // This is all there is to it.
  const source = new EventSource(`${feed.url}/payments`, { fetch: authFetch(session, { origins: [feed.url] }) })
  // A stream that is open stays open, and one that fails comes back for ever: say when it is over.
  session.on('ended', () => source.close())
  session.on('signed-out', () => source.close())

  const received: string[] = []
  const news = new EventEmitter()
  source.addEventListener('message', ({ data }) => {
    received.push(data)
    news.emit('event')
  })
  const cameIn = async (count: number) => {
    while (received.length < count) await once(news, 'event')
  }

  await once(source, 'open')
  feed.send('approved')
  await cameIn(1)
  console.log(`an event while the stream is open: ${received}`)

  // The token expires, the connection breaks, and things happen meanwhile.
  await auth.expire(tokens.access_token)
  feed.cut()
  await feed.idle()
  feed.send('refunded')
  feed.send('charged back')
  await cameIn(3)
  const { unauthorized } = feed.counters
  console.log(`cut, and the token expired: ${unauthorized} refused, ${auth.counters.tokenRequests} token request`)
  console.log(`all events: ${received.join(', ')}; continued after event ${feed.lastEventIds.at(-1)}`)
  assert.deepEqual(received, ['approved', 'refunded', 'charged back'])
  assert.deepEqual([unauthorized, auth.counters.tokenRequests, feed.lastEventIds.at(-1)], [1, 1, '1'])

  await session.signOut()
  await feed.idle()
  console.log(`signed out: ${feed.counters.open} streams open at the server`)
  assert.equal(source.readyState, EventSource.CLOSED)
} finally {
  await feed.close()
  await auth.close()
}
