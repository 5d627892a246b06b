// WebSockets that come back with a fresh token: an upgrade cannot be replayed by a client library, so ask before each one.
// Run it with `npx tsx examples/integrations/websocket.ts`; it needs no network.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createSession, oauth2, type TokenSet } from 'axios-renew'
import { WebSocket } from 'ws'
import { startAuthorizationServer } from '../servers/authorization-server.ts'
import { startPriceFeed, UNAUTHORIZED } from '../servers/price-feed.ts'
import { type Ending, stayConnected } from './parts/stay-connected.ts'
import { untilClosed } from './parts/until-closed.ts'

const auth = await startAuthorizationServer()
const feed = await startPriceFeed({ accepts: auth.accepts })
const stop = new AbortController()

/** Counts the prices that come. */
const ticker = Object.assign(new EventEmitter(), { prices: 0 })

/** Settles when so many prices have come in all. */
async function pricesCame(count: number): Promise<void> {
  while (ticker.prices < count) await once(ticker, 'price')
}

/** Follows one connection, which ends with the program. */
async function follow(socket: WebSocket): Promise<Ending> {
  const leave = () => socket.terminate()
  stop.signal.addEventListener('abort', leave)
  const ending = await untilClosed(socket, () => {
    ticker.prices++
    ticker.emit('price')
  })
  stop.signal.removeEventListener('abort', leave)
  return ending
}

// Where headers can be set. Never in the URL: URLs are written into the logs of every proxy on the way.
const withHeader = ({ accessToken }: TokenSet) => follow(new WebSocket(feed.url, { headers: { Authorization: `Bearer ${accessToken}` } }))

// In browsers, which cannot set headers: the first message.
const withFirstMessage = ({ accessToken }: TokenSet) => {
  const socket = new WebSocket(feed.url)
  socket.on('open', () => socket.send(JSON.stringify({ token: accessToken })))
  return follow(socket)
}

try {
  const { tokenEndpoint, clientId, clientSecret } = auth
  const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
  const tokens = await auth.authorize('maria')
  await session.signIn(tokens)
  await auth.expire(tokens.access_token)

  const options = { signal: stop.signal, firstPauseMs: 20 }
  const clients = [withHeader, withHeader, withFirstMessage].map((connect) => stayConnected(session, connect, options))
  // They end when we stop them, or when the session is over: nobody waits for them before that.
  const over = Promise.all(clients.map((client) => client.catch((error) => error.code)))

  await pricesCame(3)
  console.log(
    `3 sockets with an expired token: ${feed.counters.refused} refused, ${auth.counters.tokenRequests} token request, 3 connected`,
  )
  assert.deepEqual([feed.counters.refused, auth.counters.tokenRequests], [3, 1])

  await auth.expire((await session.getTokens()).accessToken)
  await feed.expel()
  await pricesCame(6)
  console.log(`closed with ${UNAUTHORIZED} in the middle: 3 connected again, ${auth.counters.tokenRequests - 1} token request`)
  assert.equal(auth.counters.tokenRequests, 2)

  // Maria takes her consent back: at the authorization server the grant is gone.
  const { accessToken, refreshToken = '' } = await session.getTokens()
  const form = { token: refreshToken, client_id: clientId, client_secret: clientSecret }
  await fetch(auth.revocationEndpoint, { method: 'POST', body: new URLSearchParams(form) })
  await auth.expire(accessToken)
  await feed.expel()
  console.log(`consent taken back: ${(await over).join(' ')}`)
  assert.deepEqual(await over, ['ERR_SESSION_ENDED', 'ERR_SESSION_ENDED', 'ERR_SESSION_ENDED'])
  assert.equal(auth.counters.tokenRequests, 3)

  console.log(`token in the URL: ${feed.paths.filter((path) => path !== '/').length} of ${feed.counters.upgrades} upgrades`)
  assert.ok(feed.paths.every((path) => path === '/'))
} finally {
  stop.abort()
  await feed.close()
  await auth.close()
}
