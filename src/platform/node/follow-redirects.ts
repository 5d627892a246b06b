import { SpareRequest } from '../../core/send/spare-request.ts'
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
    const spare = new SpareRequest(request)
    const hop = spare.copy()
    try {
      if (!trail.permits(hop.url)) trail.endedAt ??= hop.url
      const response = await fetch(trail.endedAt ? hop : await authorize(hop), { redirect: 'manual', signal })
      const location = response.headers.get('location')
      if (!location || ![301, 302, 303, 307, 308].includes(response.status)) {
        spare.release()
        if (followed > 0) Object.defineProperty(response, 'redirected', { value: true })
        return response
      }
      response.body?.cancel().catch(ignore)
      if (followed >= MOST_REDIRECTS) throw failed('redirect count exceeded')
      request = redirected(spare, new URL(location, request.url), response.status)
    } catch (error) {
      spare.release()
      throw error
    }
  }
}

function redirected(spare: SpareRequest, url: URL, status: number): Request {
  if (!/^https?:$/.test(url.protocol)) throw failed('URL scheme must be a HTTP(S) scheme')
  const request = spare.take()
  const headers = new Headers(request.headers)
  const { method } = request
  const toGet = (status === 303 && method !== 'GET' && method !== 'HEAD') || (status < 303 && method === 'POST')
  const gone = toGet ? ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'] : []
  if (url.origin !== new URL(request.url).origin) gone.push('authorization', 'proxy-authorization', 'cookie', 'host')
  for (const name of gone) headers.delete(name)
  const { body, signal, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive } = request
  const kept = { headers, signal, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive, redirect: 'manual' } as const
  if (!toGet && spare.lost) throw failed('a redirect wants the body again, and more than 16 MiB of a stream are not kept')
  if (!toGet) return new Request(url, { ...kept, method, body, duplex: 'half' } as RequestInit)
  body?.cancel().catch(ignore)
  return new Request(url, { ...kept, method: 'GET' })
}

/** What the platform's fetch rejects with. */
function failed(why: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(why) })
}
