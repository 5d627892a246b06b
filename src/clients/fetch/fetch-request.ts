import { followRedirects, marked, unlessBroken } from '#platform'
import { type Authorize, setAuthorization } from '../../core/send/authorize.ts'
import type { SendableRequest } from '../../core/send/authorized-send.ts'
import { discardBody } from '../../core/send/discard-body.ts'
import { isOneShot } from '../../core/send/one-shot.ts'
import { type OriginCheck, parseUrl } from '../../core/send/origins.ts'
import { mayRefuse } from '../../core/send/should-refresh.ts'
import { SpareRequest } from '../../core/send/spare-request.ts'
import type { Trail } from '../../core/send/trail.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import type { Held, SessionState } from '../../core/session/state.ts'
import type { TokenSet } from '../../core/tokens/token-set.ts'
import { unlessAborted } from '../../core/wait.ts'
import { viewOf } from './response-view.ts'

/** How a fetch goes about it. */
export interface FetchAttachment {
  readonly permits: OriginCheck
  readonly fetch: typeof fetch
  readonly shouldRefresh?: ShouldRefresh
  readonly authorize?: Authorize
}

/** One fetch call, as `authorizedSend` sees it. */
export class FetchRequest implements SendableRequest<Response, Response>, Trail {
  /** Absolute, if the platform can make it so. */
  readonly url: string
  readonly headers: Headers
  readonly oneShot: boolean
  readonly permits: OriginCheck
  endedAt?: string
  readonly #attachment: FetchAttachment
  readonly #session: SessionState
  readonly #input: Request | URL | string
  readonly #init: RequestInit | undefined
  /** The caller's `Request`, if its body is what is sent: it can be read once. */
  readonly #source?: Request
  /** Of it, while a copy is sent. */
  #spare?: SpareRequest
  readonly #signal: AbortSignal | null | undefined
  /** A body that can be read once, as long as nobody has begun to. */
  #unread: unknown

  constructor(attachment: FetchAttachment, session: SessionState, input: Request | URL | string, init?: RequestInit) {
    const given = typeof input === 'object' && 'clone' in input ? input : undefined
    const url = given ? given.url : String(input)
    this.url = parseUrl(url)?.href ?? url
    this.headers = new Headers(init?.headers ?? given?.headers)
    this.oneShot = isOneShot(init?.body)
    if (this.oneShot) this.#unread = init?.body
    this.permits = attachment.permits
    this.#signal = init?.signal === undefined ? given?.signal : init.signal
    this.#attachment = attachment
    this.#session = session
    this.#input = input
    this.#init = given ? optionsFor(given, init, this.#signal) : init
    // Not every browser shows the body of a request.
    if (given && given.body !== null && (init?.body ?? null) === null) this.#source = given
  }

  get replayable(): boolean {
    return !this.oneShot && !this.#spare?.lost
  }

  endpoint(): string {
    return this.url.split(/[?#]/, 1)[0] as string
  }

  async send(held: Held | undefined, replay: boolean): Promise<Response> {
    const { fetch, authorize } = this.#attachment
    this.endedAt = undefined
    // A stream that has been destroyed would end as an error that says less.
    if (this.oneShot) await this.wait(Promise.resolve())
    this.#unread = undefined
    if (!held) return fetch(this.#input, this.#init)
    const input = this.#next(replay)
    if (authorize) return this.#sendCustomized(authorize, held, input)
    const headers = new Headers(this.headers)
    setAuthorization(headers, held.tokens)
    return fetch(input, { ...this.#init, headers })
  }

  refuses(response: Response): boolean | Promise<boolean> {
    const { authorize, shouldRefresh } = this.#attachment
    if (!mayRefuse(shouldRefresh, response.status, () => response.headers.get('www-authenticate'))) return false
    const url = this.endedAt || response.url || this.url
    // The platform takes `Authorization` off at a redirect to another origin.
    if (!this.permits(url) || (!authorize && parseUrl(url)?.origin !== parseUrl(this.url)?.origin)) return false
    return !shouldRefresh || marked(this.#session, () => shouldRefresh(viewOf(response, url)))
  }

  wait<T>(work: Promise<T>): Promise<T> {
    const patient = unlessAborted(work, this.#signal)
    return this.#unread ? unlessBroken(patient, this.#unread, brokenBody) : patient
  }

  discard(response: Response): void {
    discardBody(response.body)
  }

  response(response: Response): Response {
    return response
  }

  deliver(response: Response): Response {
    return response
  }

  /** It is over: frees what was kept for a replay. */
  end(): void {
    this.#spare?.release()
  }

  /** What to send now: of a `Request` whose body can be read once, a copy as long as it may be needed again. */
  #next(replay: boolean): Request | URL | string {
    if (!this.#source) return this.#input
    this.#spare ??= new SpareRequest(this.#source)
    return replay ? this.#spare.take() : this.#spare.copy()
  }

  /** Lets the user's `authorize` change this one send. Redirects are followed by hand where they can be seen. */
  async #sendCustomized(authorize: Authorize, held: Held, input: Request | URL | string): Promise<Response> {
    const { fetch } = this.#attachment
    const init = this.#init
    // The signal is given with each send, and not here: a signal tells every Request made with it.
    const bare = new Request(input, { ...init, signal: null })
    const apply = async (request: Request): Promise<Request> => {
      const view = { method: request.method, url: request.url, headers: request.headers, body: init?.body ?? request.body }
      await this.wait(Promise.resolve(marked(this.#session, () => authorize(view, held.tokens as TokenSet))))
      if (view.url === request.url) return request
      if (!this.permits(view.url)) throw new TypeError('authorize: expected a URL whose origin may receive the token')
      return new Request(view.url, request)
    }
    const signal = this.#signal
    const { method, headers, body, ...rest } = init ?? {}
    if (bare.redirect !== 'follow') return fetch(await apply(bare), { ...rest, signal })
    return followRedirects({ trail: this, signal, fetch: (request, more) => fetch(request, { ...rest, ...more }), authorize: apply }, bare)
  }
}

/**
 * The options of a `Request`. Ours are put with them, and what is said besides a `Request` takes its referrer away
 * (Fetch Standard). And a copy does not keep hold of the signal: after a garbage collection an abort would not arrive.
 */
function optionsFor(given: Request, init: RequestInit | undefined, signal: AbortSignal | null | undefined): RequestInit {
  const { referrer, referrerPolicy } = given
  const own = init && Object.keys(init).length > 0 ? init : { referrer, referrerPolicy }
  return { ...own, signal }
}

function brokenBody(error: unknown): unknown {
  return error ?? new TypeError('fetch failed', { cause: new Error('The body of the request has been destroyed') })
}
