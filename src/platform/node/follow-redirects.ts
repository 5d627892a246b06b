import type { Trail } from '../../core/send/trail.ts'
import { ignore } from '../../core/wait.ts'

/** How many redirects fetch follows (Fetch Standard, HTTP-redirect fetch). */
const MOST_REDIRECTS = 20

/** What the caller knows about the requests of a chain of redirects. */
export interface RedirectChain {
  readonly trail: Trail
  /**
   * The caller's. Every hop gets it anew: a `Request` made of another one does not keep hold of the signal, and
   * after a garbage collection an abort would not arrive.
   */
  readonly signal?: AbortSignal | null
  fetch(request: Request, init?: RequestInit): Promise<Response>
  /** Puts the tokens on a request. */
  authorize(request: Request): Request | Promise<Request>
}

/**
 * Follows redirects by hand, so that what `authorize` puts on a request goes to allowed origins only. The
 * rules are those of the Fetch Standard; every hop is authorized anew, until one leaves the allowed origins.
 *
 * @param bare the request without tokens.
 */
export async function followRedirects({ trail, signal, fetch, authorize }: RedirectChain, bare: Request): Promise<Response> {
  let request = bare
  for (let followed = 0; ; followed++) {
    // Reading a body uses it up, and a 307 or 308 needs it again.
    const hop = request.clone()
    if (!trail.permits(hop.url)) trail.endedAt ??= hop.url
    const response = await fetch(trail.endedAt ? hop : await authorize(hop), { redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (!location || ![301, 302, 303, 307, 308].includes(response.status)) {
      request.body?.cancel().catch(ignore)
      if (followed > 0) Object.defineProperty(response, 'redirected', { value: true })
      return response
    }
    if (followed >= MOST_REDIRECTS) throw new TypeError('fetch failed', { cause: new Error('redirect count exceeded') })
    response.body?.cancel().catch(ignore)
    request = redirected(request, new URL(location, request.url), response.status)
  }
}

function redirected(request: Request, url: URL, status: number): Request {
  if (!/^https?:$/.test(url.protocol)) throw new TypeError('fetch failed', { cause: new Error('URL scheme must be a HTTP(S) scheme') })
  const headers = new Headers(request.headers)
  const { method } = request
  const toGet = (status === 303 && method !== 'GET' && method !== 'HEAD') || (status < 303 && method === 'POST')
  const gone = toGet ? ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'] : []
  if (url.origin !== new URL(request.url).origin) gone.push('authorization', 'proxy-authorization', 'cookie', 'host')
  for (const name of gone) headers.delete(name)
  const { body, signal, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive } = request
  const kept = { headers, signal, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive, redirect: 'manual' } as const
  if (!toGet) return new Request(url, { ...kept, method, body, duplex: 'half' } as RequestInit)
  body?.cancel().catch(ignore)
  return new Request(url, { ...kept, method: 'GET' })
}
