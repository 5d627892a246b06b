import { followRedirects, marked } from '#platform'
import { type Authorize, setAuthorization } from '../../core/send/authorize.ts'
import type { SendableRequest } from '../../core/send/authorized-send.ts'
import { isOneShot } from '../../core/send/one-shot.ts'
import { type OriginCheck, parseUrl } from '../../core/send/origins.ts'
import { isUnauthorized } from '../../core/send/should-refresh.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import type { Held, SessionState } from '../../core/session/state.ts'
import type { TokenSet } from '../../core/tokens/token-set.ts'
import { ignore, unlessAborted } from '../../core/wait.ts'
import { viewOf } from './response-view.ts'

/** A fetch with a session. */
export interface FetchAttachment {
  readonly session: SessionState
  readonly permits: OriginCheck
  readonly fetch: typeof fetch
  readonly shouldRefresh?: ShouldRefresh
  readonly authorize?: Authorize
}

/** One fetch call, as `authorizedSend` sees it. */
export class FetchRequest implements SendableRequest<Response, Response> {
  /** Absolute, if the platform can make it so. */
  readonly url: string
  readonly headers: Headers
  readonly oneShot: boolean
  readonly #attachment: FetchAttachment
  readonly #input: Request | URL | string
  readonly #init: RequestInit | undefined
  /** The caller's `Request`, if its body is what is sent: it can be read once, so all sends but the last get a copy. */
  readonly #source?: Request

  constructor(attachment: FetchAttachment, input: Request | URL | string, init?: RequestInit) {
    const given = typeof input === 'object' && 'clone' in input ? input : undefined
    const url = given ? given.url : String(input)
    this.url = parseUrl(url)?.href ?? url
    this.headers = new Headers(init?.headers ?? given?.headers)
    this.oneShot = isOneShot(init?.body)
    this.#attachment = attachment
    this.#input = input
    this.#init = init
    if (given?.body && !init?.body) this.#source = given
  }

  get replayable(): boolean {
    return !this.oneShot
  }

  endpoint(): string {
    return this.url.split(/[?#]/, 1)[0] as string
  }

  async send(held: Held | undefined, replay: boolean): Promise<Response> {
    const { fetch, authorize } = this.#attachment
    if (!held) return fetch(this.#input, this.#init)
    const input = this.#source && !replay ? this.#source.clone() : this.#input
    if (authorize) return this.#sendCustomized(authorize, held, input)
    const headers = new Headers(this.headers)
    setAuthorization(headers, held.tokens)
    return fetch(input, { ...this.#init, headers })
  }

  refuses(response: Response): boolean | Promise<boolean> {
    const { session, permits, shouldRefresh } = this.#attachment
    if (!shouldRefresh && !isUnauthorized(response.status, () => response.headers.get('www-authenticate'))) return false
    const url = response.url || this.url
    if (!permits(url)) return false
    return !shouldRefresh || marked(session, () => shouldRefresh(viewOf(response, url)))
  }

  wait<T>(work: Promise<T>): Promise<T> {
    const { signal = (this.#input as Request).signal } = this.#init ?? {}
    return unlessAborted(work, signal)
  }

  discard(response: Response): void {
    response.body?.cancel().catch(ignore)
  }

  response(response: Response): Response {
    return response
  }

  deliver(response: Response): Response {
    // What was kept for a replay is not needed any more; to the caller the Request is used, as it is after any fetch.
    if (this.#source && !this.#source.bodyUsed) this.#source.body?.cancel().catch(ignore)
    return response
  }

  /** Lets the user's `authorize` change this one send. Redirects are followed by hand where they can be seen. */
  async #sendCustomized(authorize: Authorize, held: Held, input: Request | URL | string): Promise<Response> {
    const { fetch, permits, session } = this.#attachment
    const init = this.#init
    const bare = new Request(input, init)
    const apply = async (request: Request): Promise<Request> => {
      if (!permits(request.url)) return request
      const view = { method: request.method, url: request.url, headers: request.headers, body: init?.body ?? request.body }
      await marked(session, () => authorize(view, held.tokens as TokenSet))
      if (view.url === request.url) return request
      if (!permits(view.url)) throw new TypeError('authorize: expected a URL whose origin may receive the token')
      return new Request(view.url, request)
    }
    const { method, headers, body, signal, ...rest } = init ?? {}
    if (bare.redirect !== 'follow') return fetch(await apply(bare), rest)
    return followRedirects({ fetch: (request, more) => fetch(request, { ...rest, ...more }), authorize: apply }, bare)
  }
}
