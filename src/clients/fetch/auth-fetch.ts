import { checkOptions } from '../../core/check-options.ts'
import type { Authorize } from '../../core/send/authorize.ts'
import { authorizedSend } from '../../core/send/authorized-send.ts'
import { type Origins, originCheck, parseUrl } from '../../core/send/origins.ts'
import type { ShouldRefresh } from '../../core/session/config.ts'
import { emit } from '../../core/session/events.ts'
import { insideOf, type Session } from '../../core/session/session-handle.ts'
import { type FetchAttachment, FetchRequest } from './fetch-request.ts'

/** The options of {@link authFetch}. */
export interface AuthFetchOptions {
  /** Origins that may receive the token, such as `['https://api.example.com']`, or `'*'` for every https origin. */
  origins: Origins
  /** The fetch to send with. Default: the global one, looked up at every call. */
  fetch?: typeof fetch
  /** Decides which responses reject the token. Default: the session's. */
  shouldRefresh?: ShouldRefresh
  /**
   * Puts the tokens on a request. Default: sets `Authorization`.
   *
   * In Node, what it adds is taken off at a redirect that leaves `origins`. Browsers do so with `Authorization`
   * only, and keep other headers.
   */
  authorize?: Authorize
}

/**
 * Makes a `fetch` that gives every request to the allowed origins the session's token, and replays the
 * request once with a fresh one when the server refuses it. It takes what `fetch` takes. With a pool, make one for
 * each account: `authFetch(pool.session(account), options)`.
 *
 * @throws TypeError for a wrong option.
 *
 * @example
 * const api = authFetch(session, { origins: ['https://api.example.com'] })
 * const me = await (await api('https://api.example.com/me')).json()
 */
export function authFetch(session: Session, options: AuthFetchOptions): typeof fetch {
  const current = insideOf(session)
  if (!current) throw new TypeError('authFetch: expected a session, made by createSession or by session() of a pool')
  // Whoever leaves all options out is told of the one that is needed.
  const { origins, ...custom } = checkOptions('authFetch', options ?? {}, {
    origins: "'*'|array!",
    fetch: 'function',
    shouldRefresh: 'function',
    authorize: 'function',
  })
  const attachment: FetchAttachment = {
    permits: originCheck('authFetch', origins),
    shouldRefresh: current().config.shouldRefresh,
    fetch: (input, init) => globalThis.fetch(input, init),
    ...custom,
  }
  return async (given, options) => {
    // A Request may stand for the options: its fields are getters, and its body can be read once.
    const isRequest = options && 'clone' in options
    const input = isRequest ? new Request(given, options) : given
    const init = isRequest ? undefined : options
    const session = current()
    const request = new FetchRequest(attachment, session, input, init)
    const reason = withheld(attachment, request)
    if (!reason) return authorizedSend(session, request).finally(() => request.end())
    emit(session, 'withheld', { reason })
    return attachment.fetch(input, init)
  }
}

/** Why a request is not given the token, if so. */
function withheld({ permits }: FetchAttachment, { url, headers }: FetchRequest): 'origin' | 'own-credentials' | undefined {
  const target = parseUrl(url)
  if (headers.has('Authorization') || target?.username || target?.password) return 'own-credentials'
  return permits(url) ? undefined : 'origin'
}
