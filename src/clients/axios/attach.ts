import {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios'
import { checkOptions } from '../../core/check-options.ts'
import { hide } from '../../core/errors/auth-error.ts'
import type { SessionPool } from '../../core/pool/create-pool.ts'
import { type Target, targetFor } from '../../core/pool/session-for-request.ts'
import type { Authorize } from '../../core/send/authorize.ts'
import { authorizedSend } from '../../core/send/authorized-send.ts'
import type { Origins } from '../../core/send/origins.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import type { Session } from '../../core/session/session-handle.ts'
import { type Attachment, AuthorizedRequest } from './authorized-request.ts'
import type { RenewRequestConfig } from './request-config.ts'
import { sendOnce, settled } from './send-once.ts'
import { createTokenGate } from './token-gate.ts'

/** The options of {@link attach}. */
export interface AttachOptions {
  /**
   * Origins that may receive the token, such as `['https://api.example.com']`, or `'*'` for every https
   * origin. Default: the origin of the instance's `baseURL` at the first request; the page's own if that
   * is relative or absent. Other origins get the request without the token.
   */
  origins?: Origins
  /** Decides which responses reject the token. Default: the session's. */
  shouldRefresh?: ShouldRefresh
  /**
   * Puts the tokens on a request. Default: sets `Authorization`.
   *
   * In Node, what it adds is taken off at a redirect that leaves `origins`. Browsers do so with `Authorization`
   * only, and keep other headers; so does axios before 1.12 with its `fetch` adapter.
   */
  authorize?: Authorize
}

/** What is attached to an instance; found also by the other copy (ESM, CommonJS) of this package. */
const ATTACHED = Symbol.for('axios-renew.attached')
/** On a wrapped adapter: the one it stands for. */
const OWN = Symbol.for('axios-renew.own-adapter')

/** What a request may say under `renew`. */
const RENEW_TYPES = { skip: 'boolean', account: 'string|number', replayBody: 'function' }

const NOTHING: RenewRequestConfig = {}

type AdapterConfig = AxiosRequestConfig['adapter']
type Attachable = AxiosInstance & { [ATTACHED]?: { target: Target; options: AttachOptions; register: () => void; detach: () => void } }

/**
 * Gives every request of an axios instance the session's token, and replays the request once with a
 * fresh one when the server refuses it. With a pool every request names its account: `renew: { account }`, in its own
 * configuration or in the defaults of the instance.
 *
 * Attaching the same session with the same options again changes nothing.
 *
 * @returns detaches; requests under way finish as they began.
 * @throws TypeError for a wrong option, or when another session, or the same one with other options, is attached.
 *
 * @example
 * const api = axios.create({ baseURL: 'https://api.example.com' })
 * attach(api, session)
 * await api.get('/me')
 */
export function attach(instance: AxiosInstance, session: Session | SessionPool, options: AttachOptions = {}): () => void {
  const target = targetFor(session, 'attach')
  const interceptors = instance?.interceptors?.request
  if (!interceptors) throw new TypeError('attach: expected an axios instance')
  const given = checkOptions('attach', options, { origins: "'*'|array", shouldRefresh: 'function', authorize: 'function' })
  const gate = createTokenGate(instance, given.origins)

  const former = (instance as Attachable)[ATTACHED]
  if (former) {
    const { origins, shouldRefresh, authorize } = former.options
    const same = String(origins) === String(given.origins) && shouldRefresh === given.shouldRefresh && authorize === given.authorize
    if (former.target.identity !== target.identity || !same)
      throw new TypeError('attach: another session, or the same one with other options, is attached to this instance: detach it first')
    former.register()
    return former.detach
  }

  const attachment: Attachment = {
    instance,
    gate,
    target,
    shouldRefresh: target.config.shouldRefresh,
    ...given,
  }
  const intercept = (config: InternalAxiosRequestConfig) => wrapAdapter(attachment, config)
  // `interceptors.request.clear()` takes it away, and may give its number to another one.
  const registered = () => (interceptors as Handlers).handlers?.some((handler) => handler?.fulfilled === intercept)
  let interceptor: number
  const register = () => {
    if (!registered()) interceptor = interceptors.use(intercept, null, { synchronous: true })
  }
  register()
  const detach = () => {
    if (registered()) interceptors.eject(interceptor)
    if ((instance as Attachable)[ATTACHED]?.detach === detach) delete (instance as Attachable)[ATTACHED]
  }
  hide(instance, ATTACHED, { target, options: given, register, detach })
  return detach
}

/** What the types of axios before 1.13 leave out. */
interface Handlers {
  handlers?: ({ fulfilled?: unknown } | null)[]
}

/** Decisions are made in the adapter and not here: by then all interceptors have run. */
function wrapAdapter(attachment: Attachment, config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const { adapter } = config as { adapter?: AdapterConfig & { [OWN]?: [AdapterConfig] } }
  const own = adapter?.[OWN] ? adapter[OWN][0] : (adapter as AdapterConfig)
  const wrapped: AxiosAdapter & { [OWN]?: [AdapterConfig] } = (final) => send(attachment, final, own)
  wrapped[OWN] = [own]
  config.adapter = wrapped
  return config
}

function send(attachment: Attachment, config: InternalAxiosRequestConfig, own: AdapterConfig): Promise<AxiosResponse> {
  const { instance, gate, target } = attachment
  // Whoever sees this configuration, or sends it again, finds their own adapter and not the session.
  config.adapter = own
  const adapter: AxiosAdapter = getAdapter(own ?? instance.defaults.adapter, config)
  // A URL object, say.
  if (config.url && typeof config.url !== 'string') config.url = String(config.url)
  const { account } = config.renew ? checkOptions('renew', config.renew, RENEW_TYPES) : NOTHING
  const admission = gate.admit(config)
  if (admission !== 'token') {
    if (admission !== 'skip') target.withheld(admission, account)
    return sendOnce(adapter, config, config).then(settled)
  }
  const session = target.session(account)
  return authorizedSend(session, new AuthorizedRequest(attachment, session, config, adapter))
}
