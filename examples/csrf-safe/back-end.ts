// A back end for a single-page app (RFC 10017, 6.1): the pairs stay here, the browser holds a cookie with a session id, and
// the app asks this server instead of the API. A cookie goes along by itself, also when another site asks, so every
// request must show that a page of ours has sent it.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios from 'axios'
import { AuthError, attach, createSessionPool, type SessionPoolOptions, SignedOutError } from 'axios-renew'
import { close, listen } from '../servers/listen.ts'

/** A running back end. */
export interface CsrfSafeBackEnd {
  readonly port: number
  close(): Promise<void>
}

/** A request that no page of ours has sent. */
export interface ForgedRequest {
  request: string
  /** Whether the browser had added the cookie: then `SameSite` had not helped. */
  withCookie: boolean
}

/** Settings of {@link startCsrfSafeBackEnd}. */
export interface CsrfSafeBackEndOptions {
  /** How pairs are refreshed and where they are kept. */
  pool: SessionPoolOptions
  /** The one API that requests are passed on to. */
  apiUrl: string
  /**
   * Where pages find this server, `'https://app.example.com'`: behind a proxy that ends TLS it cannot know.
   * Default: http, `host` and the port.
   */
  origin?: string
  /** The name under which pages of this machine find it. Default `'localhost'`. */
  host?: string
  /** Hears of each request that no page of ours has sent, to count it, say. */
  onForged?: (forged: ForgedRequest) => void
  /** What the page at `/` holds. */
  page?: string
}

/** Any name and value will do: pages of other origins may not send it, because nobody here allows them to (CORS). */
export const OUR_HEADER = { 'X-Requested-By': 'shop' }

/** `__Host-`: Secure, for the whole host, and no subdomain can set or overwrite it. */
const COOKIE = '__Host-session'

/** More than this is not read. */
const MAX_BODY_BYTES = 64 * 1024

/** What is answered with a status of its own. */
class Refusal extends Error {
  constructor(readonly status: number) {
    super(`refused with ${status}`)
  }
}

export async function startCsrfSafeBackEnd(options: CsrfSafeBackEndOptions): Promise<CsrfSafeBackEnd> {
  const { apiUrl, host = 'localhost', page = '', onForged } = options
  const pool = createSessionPool(options.pool)
  const api = axios.create({ baseURL: apiUrl })
  attach(api, pool)
  let origin = ''

  /** Whether a page of ours sent this. The origin is from our own settings: `Host` is what the sender says it is. */
  function isOurs({ headers, method = '' }: IncomingMessage): boolean {
    if (headers['x-requested-by'] !== OUR_HEADER['X-Requested-By']) return false
    // Browsers name the origin of whatever is not GET or HEAD.
    return headers.origin === origin || (headers.origin === undefined && ['GET', 'HEAD'].includes(method))
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A stub: yours gets a `code` at its redirect URL, compares `state`, and exchanges the code for this answer.
    const tokens = readTokens(await readBody(request))
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
    const account = sessionId(request)
    const answer = await api.request({
      method: String(request.method),
      url: addressBelow(apiUrl, String(request.url).slice('/api/'.length)),
      data: await readBody(request),
      headers: { 'Content-Type': request.headers['content-type'] ?? 'application/json' },
      renew: { account },
      validateStatus: null,
    })
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(answer.data))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request
    if (method === 'GET' && url === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    if (!isOurs(request)) {
      onForged?.({ request: `${method} ${url}`, withCookie: String(request.headers.cookie).includes(COOKIE) })
      return void response.writeHead(403).end()
    }
    if (method === 'POST' && url === '/sign-in') return signIn(request, response)
    if (method === 'POST' && url === '/sign-out') return signOut(request, response)
    if (url.startsWith('/api/')) return passOn(request, response)
    response.writeHead(404).end()
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      response.writeHead(statusOf(error)).end()
    })
  })
  const port = Number(new URL(await listen(server)).port)
  origin = new URL(options.origin ?? `http://${host}:${port}`).origin
  return {
    port,
    async close() {
      await close(server)
      await pool.close()
    },
  }
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status
  // Nobody is signed in, or it is over for good: 401. An outage is neither.
  const ended = error instanceof SignedOutError || (error instanceof AuthError && error.code === 'ERR_SESSION_ENDED')
  return ended ? 401 : 503
}

/** Only what is below the API: the sender chooses neither its host nor, by dots, another path of it. */
function addressBelow(apiUrl: string, path: string): string {
  const base = new URL(apiUrl.replace(/\/*$/, '/'))
  const { href, pathname } = new URL(base.href + path)
  // Encoded slashes are none here, but may be to what stands behind.
  if (!href.startsWith(base.href) || /%2f|%5c/i.test(pathname)) throw new Refusal(404)
  return href
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  // The rest is thrown away by Node, once the answer is out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new Refusal(413)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function readTokens(text: string): { access_token: string } {
  try {
    const tokens = JSON.parse(text)
    if (typeof tokens.access_token === 'string') return tokens
  } catch {}
  throw new Refusal(400)
}

function setCookie(response: ServerResponse, id: string, maxAge: number): void {
  response.setHeader('Set-Cookie', `${COOKIE}=${id}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=${maxAge}`)
}

function sessionId({ headers }: IncomingMessage): string {
  const [, id] = new RegExp(`(?:^|; *)${COOKIE}=([0-9a-f]{64})(?:;|$)`).exec(headers.cookie ?? '') ?? []
  if (!id) throw new SignedOutError()
  return id
}
