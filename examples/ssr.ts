// A web server that renders pages for its users with an API's data. The browser holds a session id and no token; the
// pairs are in a store that all processes share, so that each refresh token is sent once however many of them run.
//
//   API_URL=... TOKEN_ENDPOINT=... CLIENT_ID=... CLIENT_SECRET=... REDIS_URL=... npx tsx examples/ssr.ts
//
// Without REDIS_URL the pairs are in memory: good for one process, and until it ends.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios from 'axios'
import { attach, createSessionPool, memoryStore, oauth2, SessionEndedError, SignedOutError, type TokenStore } from 'axios-renew'
import { redisStore } from 'axios-renew/redis'
import { createClient } from 'redis'
import { listen, readText } from './servers/listen.ts'

const { API_URL, TOKEN_ENDPOINT = '', CLIENT_ID = '', CLIENT_SECRET, REDIS_URL } = process.env
const { store, closeStore } = await openStore()

// One pool for all users: the account is the session id. Nothing of one user can reach another.
const users = createSessionPool({ ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }), store })
const api = axios.create({ baseURL: API_URL })
attach(api, users)

async function openStore(): Promise<{ store: TokenStore; closeStore?: () => Promise<unknown> }> {
  if (!REDIS_URL) return { store: memoryStore() }
  const redis = createClient({ url: REDIS_URL, disableOfflineQueue: true })
  redis.on('error', ({ message }) => console.error(`Redis: ${message}`))
  await redis.connect()
  return { store: redisStore(redis), closeStore: () => redis.close() }
}

/** HttpOnly: no script can read it. Lax: other sites cannot post with it. Secure: https only; browsers let loopback pass. */
function setCookie(response: ServerResponse, id: string, maxAge: number): void {
  response.setHeader('Set-Cookie', `session=${id}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=${maxAge}`)
}

function sessionId({ headers }: IncomingMessage): string | undefined {
  return /(?:^|; *)session=([\w-]{36})(?:;|$)/.exec(headers.cookie ?? '')?.[1]
}

async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A stub: yours gets a `code` at its redirect URL, compares `state`, and exchanges the code for this answer.
  const tokens = JSON.parse(await readText(request))
  // Always a new id: one that somebody knew before the sign-in must not be worth anything after it.
  const id = randomUUID()
  await users.session(id).signIn(tokens)
  setCookie(response, id, 30 * 24 * 3600)
  response.writeHead(204).end()
}

async function signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = sessionId(request)
  if (id) await users.session(id).signOut()
  setCookie(response, '', 0)
  response.writeHead(204).end()
}

async function page(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = sessionId(request)
  if (!id) return void response.writeHead(302, { location: '/sign-in' }).end()
  try {
    const { data } = await api.get('/v1/payments/1', { renew: { account: id } })
    response
      .writeHead(200, { 'content-type': 'text/html', 'cache-control': 'private, no-store' })
      .end(`<p>Your payment is ${data.status}</p>`)
  } catch (error) {
    if (!(error instanceof SessionEndedError || error instanceof SignedOutError)) throw error
    // Over for good. Everything else, an outage say, is no reason to sign anybody out.
    setCookie(response, '', 0)
    response.writeHead(302, { location: '/sign-in' }).end()
  }
}

const routes: Record<string, typeof page> = { 'GET /': page, 'POST /sign-in': signIn, 'POST /sign-out': signOut }
const server = createServer((request, response) => {
  const route = routes[`${request.method} ${request.url}`]
  if (!route) return void response.writeHead(404).end()
  route(request, response).catch((error) => {
    console.error(error.message)
    response.writeHead(503, { 'retry-after': '5' }).end()
  })
})
console.log(`listening on ${await listen(server)}`)

process.once('SIGTERM', async () => {
  server.close()
  server.closeIdleConnections()
  // A refresh under way is finished, and its pair saved.
  await users.close()
  await closeStore?.()
})
