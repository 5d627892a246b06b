import {
  Axios,
  type AxiosAdapter,
  AxiosError,
  type AxiosHeaders,
  type AxiosInstance,
  type AxiosResponse,
  CanceledError,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios'
import { createRedirectGuard, marked, sealBody, unlessBroken, watchFetch } from '#platform'
import type { Target } from '../../core/pool/session-for-request.ts'
import { type Authorize, setAuthorization } from '../../core/send/authorize.ts'
import type { SendableRequest } from '../../core/send/authorized-send.ts'
import { discardBody } from '../../core/send/discard-body.ts'
import { isOneShot } from '../../core/send/one-shot.ts'
import { parseUrl } from '../../core/send/origins.ts'
import { mayRefuse } from '../../core/send/should-refresh.ts'
import type { Trail } from '../../core/send/trail.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import type { Held, SessionState } from '../../core/session/state.ts'
import type { TokenSet } from '../../core/tokens/token-set.ts'
import type { WatchedAdapter } from '../../platform/node/fetch-watch.ts'
import { createPatience, type Patience } from './patience.ts'
import { targetOf } from './request-url.ts'
import { headerOf, viewOf } from './response-view.ts'
import { type Changes, forkHeaders, type Outcome, sendOnce, settled } from './send-once.ts'
import type { TokenGate } from './token-gate.ts'

/** An instance with a session, or a pool, attached to it. */
export interface Attachment {
  readonly instance: AxiosInstance
  readonly target: Target
  readonly gate: TokenGate
  readonly shouldRefresh?: ShouldRefresh
  readonly authorize?: Authorize
}

/** One axios request, as `authorizedSend` sees it. Ten thousand may wait at once, so it is small. */
export class AuthorizedRequest implements SendableRequest<Outcome, AxiosResponse>, Trail {
  readonly oneShot: boolean
  endedAt?: string
  readonly #attachment: Attachment
  readonly #session: SessionState
  readonly #config: InternalAxiosRequestConfig
  readonly #adapter: AxiosAdapter
  readonly #patience?: Patience
  readonly #watched?: WatchedAdapter
  #waited = false
  /** A body that can be read once, as long as nobody has begun to. */
  #unread: unknown

  constructor(attachment: Attachment, session: SessionState, config: InternalAxiosRequestConfig, adapter: AxiosAdapter) {
    this.oneShot = isOneShot(config.data)
    this.#attachment = attachment
    this.#session = session
    this.#config = config
    if (this.oneShot) this.#unread = config.data
    this.#watched = watchFetch(adapter, config, getAdapter)
    this.#adapter = this.#watched?.adapter ?? adapter
    if (config.timeout || config.signal || config.cancelToken) this.#patience = createPatience(config, session.config.clock)
  }

  get replayable(): boolean {
    return !this.oneShot || this.#config.renew?.replayBody !== undefined
  }

  endpoint(): string {
    const { baseURL = '', url = '' } = this.#config
    const end = url.search(/[?#]/)
    return `${baseURL} ${end < 0 ? url : url.slice(0, end)}`
  }

  send(held: Held | undefined, replay: boolean): Promise<Outcome> {
    this.endedAt = undefined
    if (this.#attachment.authorize || this.#patience || this.oneShot || this.#watched) return this.#sendSpecial(held, replay)
    return sendOnce(this.#adapter, this.#config, this.#usual(held))
  }

  refuses({ response }: Outcome): boolean | Promise<boolean> {
    const { shouldRefresh } = this.#attachment
    if (!mayRefuse(shouldRefresh, response.status, () => headerOf(response, 'www-authenticate'))) return false
    const url = this.#answeredAt(response)
    return url !== undefined && (!shouldRefresh || marked(this.#session, () => shouldRefresh(viewOf(response, url))))
  }

  permits(url: string): boolean {
    return this.#attachment.gate.permits(url)
  }

  wait<T>(work: Promise<T>): Promise<T> {
    this.#waited = true
    const patient = this.#patience ? this.#patience.wait(work) : work
    return this.#unread ? unlessBroken(patient, this.#unread, (error) => brokenBody(error, this.#config)) : patient
  }

  discard({ response }: Outcome): void {
    discardBody(response.data)
  }

  response({ response }: Outcome): AxiosResponse {
    return response
  }

  deliver(outcome: Outcome): AxiosResponse {
    return settled(outcome)
  }

  /** Where a response came from, after redirects; `undefined` if the token was not on the request there; `''` if nobody asks. */
  #answeredAt({ request }: AxiosResponse): string | undefined {
    const config = this.#config
    const { responseUrl } = Object(request?.res)
    // A request to a Unix socket is known by its own URL. Mocks tell the URL as it was given, which may be relative.
    const told = this.endedAt || (config.socketPath ? undefined : responseUrl || request?.responseURL)
    // It came from where it was sent, which may have the token. Thousands may be refused at once, and parsing a URL takes time.
    if (!told && !this.#attachment.shouldRefresh) return ''
    const sent = targetOf(config)
    const url = (told && parseUrl(told, sent?.href)) || sent
    // Only Node's http puts `Authorization` on again behind a redirect to another origin: see the redirect guard.
    const taken = !this.#attachment.authorize && !responseUrl && url?.origin !== sent?.origin
    return url && !taken && this.permits(url.href) ? url.href : undefined
  }

  /** What a send changes without `authorize`. */
  #usual(held: Held | undefined): Changes {
    if (!held) return this.#config
    const headers = forkHeaders(this.#config.headers)
    setAuthorization(headers, held.tokens)
    return this.#changes(headers, AUTHORIZATION)
  }

  #changes(headers: AxiosHeaders, added: readonly string[]): Changes {
    return { headers, beforeRedirect: createRedirectGuard(this, headers, added, this.#config.beforeRedirect) }
  }

  /** Sends with more than a header changed. */
  async #sendSpecial(held: Held | undefined, replay: boolean): Promise<Outcome> {
    const { authorize } = this.#attachment
    const config = this.#config
    if (replay && this.oneShot) this.#unread = await this.#ask(() => replacementOf(config))
    const data = this.oneShot ? this.#unread : config.data
    const custom = held && authorize && (await this.#customized(authorize, held, data))
    // A stream that has been destroyed would never end.
    if (this.oneShot) await this.wait(Promise.resolve())
    sealBody(this.#unread)
    this.#unread = undefined
    const watched = this.#watched?.changes(this, held ? AUTHORIZATION : [], false)
    const rest = this.#waited && this.#patience?.rest()
    return sendOnce(this.#adapter, config, custom ?? this.#usual(held), { ...watched, ...rest, ...custom?.more, data })
  }

  /** Calls a callback of the user, for as long as the caller is willing to wait. */
  #ask<T>(callback: () => T | Promise<T>): Promise<T> {
    return this.wait(Promise.resolve(marked(this.#session, callback)))
  }

  /** Lets the user's `authorize` change this one send. */
  async #customized(authorize: Authorize, held: Held, body: unknown): Promise<Changes & { more?: Partial<InternalAxiosRequestConfig> }> {
    const config = this.#config
    const headers = forkHeaders(config.headers)
    const { params, paramsSerializer } = config
    // Not by the instance: its defaults are in the configuration, unless an interceptor has taken them out.
    const url = new Axios({}).getUri({ url: targetOf(config)?.href, params, paramsSerializer })
    const request = { method: String(config.method).toUpperCase(), url, headers, body }
    await this.#ask(() => authorize(request, held.tokens as TokenSet))
    const added = Object.keys(headers).filter((name) => headers[name] !== config.headers[name])
    const more = this.#watched?.changes(this, added, true)
    const changes = { ...this.#changes(headers, added), more }
    if (request.url === url) return changes
    if (!this.permits(request.url)) throw new TypeError('authorize: expected a URL whose origin may receive the token')
    return { ...changes, more: { ...more, url: request.url, baseURL: undefined, params: undefined } }
  }
}

const AUTHORIZATION = ['Authorization']

/** As axios itself rejects when the stream it sends breaks. */
function brokenBody(error: unknown, config: InternalAxiosRequestConfig): AxiosError {
  if (error) return AxiosError.from(error as Error, undefined, config)
  return new CanceledError('Request stream has been aborted', config as never)
}

/** The body that the user gives in place of one that was read. */
async function replacementOf({ renew }: InternalAxiosRequestConfig): Promise<unknown> {
  const body = await renew?.replayBody?.()
  // An upload must not arrive empty.
  if (body === undefined || body === null) throw new TypeError(`renew.replayBody: expected a body, got ${body}`)
  return body
}
