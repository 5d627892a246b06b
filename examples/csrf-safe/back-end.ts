// A back end for a single-page app (RFC 10017, 6.1): the pairs stay here, the browser holds a cookie with a session id, and
// the app asks this server instead of the API. A cookie goes along by itself, also when another site asks, so every
// request must show that a page of ours has sent it.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios from 'axios'
import { AuthError, attach, createSessionPool, type SessionPoolOptions, SignedOutError } from 'axios-renew'
import { close, listen, readText } from '../servers/listen.ts'

/** A running back end. */
export interface CsrfSafeBackEnd {
  readonly port: number
  /** Requests that no page of ours had sent, and whether the browser had added the cookie: then `SameSite` had not helped. */
  readonly forged: { request: string; withCookie: boolean }[]
  close(): Promise<void>
}

/** Settings of {@link startCsrfSafeBackEnd}. */
export interface CsrfSafeBackEndOptions {
  /** How pairs are refreshed and where they are kept. */
  pool: SessionPoolOptions
  /** The one API that requests are passed on to. */
  apiUrl: string
  /** The name under which pages find this server. Default `'localhost'`. */
  host?: string
  /** What the page at `/` holds. */
  page?: string
}

/** Any name and value will do: pages of other origins may not send it, because nobody here allows them to (CORS). */
export const OUR_HEADER = { 'X-Requested-By': 'shop' }

/** `__Host-`: Secure, for the whole host, and no subdomain can set or overwrite it. */
const COOKIE = '__Host-session'

export async function startCsrfSafeBackEnd({ pool: options, apiUrl, host = 'localhost', page = '' }: CsrfSafeBackEndOptions) {
  const pool = createSessionPool(options)
  const api = axios.create({ baseURL: apiUrl })
  attach(api, pool)
  const forged: CsrfSafeBackEnd['forged'] = []
  let origin = ''

  /** Whether a page of ours sent this. The origin is from our own settings: `Host` is what the sender says it is. */
  function isOurs({ headers, method = '' }: IncomingMessage): boolean {
    if (headers['x-requested-by'] !== OUR_HEADER['X-Requested-By']) return false
    // Browsers name the origin of whatever is not GET or HEAD.
    return headers.origin === origin || (headers.origin === undefined && ['GET', 'HEAD'].includes(method))
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A stub: yours gets a `code` at its redirect URL, compares `state`, and exchanges the code for this answer.
    const tokens = JSON.parse(await readText(request))
    // Always a new id: one that somebody knew before the sign-in must not be worth anything after it.
    const id = randomBytes(32).toString('hex')
    await pool.session(id).signIn(tokens)
    setCookie(response, id, 30 * 24 * 3600)
    response.writeHead(204).end()
  }

  async function signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await pool.session(sessionId(request)).signOut()
    setCookie(response, '', 0)
    response.writeHead(204).end()
  }

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await api.request({
      method: String(request.method),
      // Only what is after the prefix: the host is not for the sender to choose, and `//host` is none.
      url: `/${String(request.url).replace(/^\/api\/+/, '')}`,
      data: await readText(request),
      headers: { 'Content-Type': request.headers['content-type'] ?? 'application/json' },
      renew: { account: sessionId(request) },
      validateStatus: null,
      allowAbsoluteUrls: false,
    })
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(answer.data))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request
    if (method === 'GET' && url === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    if (!isOurs(request)) {
      forged.push({ request: `${method} ${url}`, withCookie: String(request.headers.cookie).includes(COOKIE) })
      return void response.writeHead(403).end()
    }
    if (method === 'POST' && url === '/sign-in') return signIn(request, response)
    if (method === 'POST' && url === '/sign-out') return signOut(request, response)
    if (url.startsWith('/api/')) return passOn(request, response)
    response.writeHead(404).end()
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      // Nobody is signed in, or it is over for good: 401. An outage is neither.
      const ended = error instanceof SignedOutError || (error instanceof AuthError && error.code === 'ERR_SESSION_ENDED')
      response.writeHead(ended ? 401 : 503).end()
    })
  })
  const port = Number(new URL(await listen(server)).port)
  origin = `http://${host}:${port}`
  return {
    port,
    forged,
    async close() {
      await close(server)
      await pool.close()
    },
  } satisfies CsrfSafeBackEnd
}

function setCookie(response: ServerResponse, id: string, maxAge: number): void {
  response.setHeader('Set-Cookie', `${COOKIE}=${id}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=${maxAge}`)
}

function sessionId({ headers }: IncomingMessage): string {
  const [, id] = new RegExp(`(?:^|; *)${COOKIE}=([0-9a-f]{64})(?:;|$)`).exec(headers.cookie ?? '') ?? []
  if (!id) throw new SignedOutError()
  return id
}
