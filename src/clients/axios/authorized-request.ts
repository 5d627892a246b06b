import type { AxiosAdapter, AxiosHeaders, AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { createRedirectGuard, marked } from '#platform'
import { type Authorize, setAuthorization } from '../../core/send/authorize.ts'
import type { SendableRequest } from '../../core/send/authorized-send.ts'
import { isOneShot } from '../../core/send/one-shot.ts'
import { parseUrl } from '../../core/send/origins.ts'
import { isUnauthorized } from '../../core/send/should-refresh.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import type { Held, SessionState } from '../../core/session/state.ts'
import type { TokenSet } from '../../core/tokens/token-set.ts'
import type { FetchWatch, WatchedAdapter } from '../../platform/node/fetch-watch.ts'
import { discardBody } from './discard-body.ts'
import { createPatience, type Patience } from './patience.ts'
import { requestUrl } from './request-url.ts'
import { finalUrl, headerOf, viewOf } from './response-view.ts'
import { type Changes, forkHeaders, type Outcome, sendOnce } from './send-once.ts'
import type { TokenGate } from './token-gate.ts'

/** An instance with a session attached to it. */
export interface Attachment {
  readonly instance: AxiosInstance
  readonly session: SessionState
  readonly gate: TokenGate
  readonly watch: FetchWatch
  readonly shouldRefresh?: ShouldRefresh
  readonly authorize?: Authorize
}

/** One axios request, as `authorizedSend` sees it. Ten thousand may wait at once, so it is small. */
export class AuthorizedRequest implements SendableRequest<Outcome, AxiosResponse> {
  readonly oneShot: boolean
  readonly #attachment: Attachment
  readonly #config: InternalAxiosRequestConfig
  readonly #adapter: AxiosAdapter
  readonly #patience?: Patience
  readonly #watched?: WatchedAdapter
  #waited = false

  constructor(attachment: Attachment, config: InternalAxiosRequestConfig, adapter: AxiosAdapter) {
    this.oneShot = isOneShot(config.data)
    this.#attachment = attachment
    this.#config = config
    this.#watched = attachment.watch.watched(adapter, config)
    this.#adapter = this.#watched?.adapter ?? adapter
    if (config.timeout || config.signal || config.cancelToken) this.#patience = createPatience(config, attachment.session.config.clock)
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
    const config = this.#config
    if (this.#attachment.authorize || this.#patience || this.oneShot || this.#watched) return this.#sendSpecial(held, replay)
    return sendOnce(this.#adapter, config, held ? this.#withAuthorization(held) : config)
  }

  refuses({ response }: Outcome): boolean | Promise<boolean> {
    const { shouldRefresh, gate, watch, session } = this.#attachment
    if (!shouldRefresh && !isUnauthorized(response.status, () => headerOf(response, 'www-authenticate'))) return false
    const sent = requestUrl(this.#config)
    // Mocks tell the URL as it was given, which may be relative.
    const url = parseUrl(watch.finalUrl(response.request) || finalUrl(response) || sent, parseUrl(sent)?.href)?.href ?? sent
    if (!gate.permits(url)) return false
    return !shouldRefresh || marked(session, () => shouldRefresh(viewOf(response, url)))
  }

  wait<T>(work: Promise<T>): Promise<T> {
    this.#waited = true
    return this.#patience ? this.#patience.wait(work) : work
  }

  discard({ response }: Outcome): void {
    discardBody(response.data)
  }

  response({ response }: Outcome): AxiosResponse {
    return response
  }

  deliver({ response, failure }: Outcome): AxiosResponse {
    if (failure) throw failure
    return response
  }

  #withAuthorization({ tokens }: Held): Changes {
    const headers = forkHeaders(this.#config.headers)
    setAuthorization(headers, tokens)
    return this.#changes(headers, AUTHORIZATION)
  }

  #changes(headers: AxiosHeaders, added: readonly string[]): Changes {
    return { headers, beforeRedirect: createRedirectGuard(this.#attachment.gate.permits, headers, added, this.#config.beforeRedirect) }
  }

  /** Sends with more than a header changed. */
  async #sendSpecial(held: Held | undefined, replay: boolean): Promise<Outcome> {
    const { session, authorize } = this.#attachment
    const config = this.#config
    const more = { ...this.#watched?.changes([]), ...(this.#waited && this.#patience?.rest()) }
    const data = replay && this.oneShot ? await marked(session, () => config.renew?.replayBody?.()) : config.data
    const { headers, beforeRedirect } = config
    const changes: Changes = !held
      ? { headers, beforeRedirect }
      : authorize
        ? await this.#customized(authorize, held, data)
        : this.#withAuthorization(held)
    return sendOnce(this.#adapter, config, { ...changes, more: { ...more, ...changes.more, data } })
  }

  /** Lets the user's `authorize` change this one send. */
  async #customized(authorize: Authorize, held: Held, body: unknown): Promise<Changes> {
    const { instance, session, gate } = this.#attachment
    const config = this.#config
    const headers = forkHeaders(config.headers)
    const url = instance.getUri(config)
    const request = { method: String(config.method).toUpperCase(), url, headers, body }
    await marked(session, () => authorize(request, held.tokens as TokenSet))
    const added = Object.keys(headers).filter((name) => headers[name] !== config.headers[name])
    const more = this.#watched?.changes(added)
    const changes = { ...this.#changes(headers, added), more }
    if (request.url === url) return changes
    if (!gate.permits(request.url)) throw new TypeError('authorize: expected a URL whose origin may receive the token')
    return { ...changes, more: { ...more, url: request.url, baseURL: undefined, params: undefined } }
  }
}

const AUTHORIZATION = ['Authorization']
