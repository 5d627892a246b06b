import type { AxiosAdapter, getAdapter as getAxiosAdapter, InternalAxiosRequestConfig } from 'axios'
import type { Trail } from '../../core/send/trail.ts'
import { followRedirects } from './follow-redirects.ts'

/**
 * axios' `fetch` adapter tells neither where a response came from nor of redirects on the way. The
 * `fetch` that it sends with can be told to do so (`env.fetch`, since axios 1.12).
 */
export interface WatchedAdapter {
  /** What to send with instead. */
  adapter: AxiosAdapter
  /**
   * What the configuration of a send must say besides.
   *
   * @param added the names of the headers that were put on.
   * @param byHand whether to follow redirects here, as fetch itself takes nothing off but `Authorization`.
   */
  changes(trail: Trail, added: readonly string[], byHand: boolean): Partial<InternalAxiosRequestConfig>
}

type Input = Request | URL | string
type Options = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | null }
/** How one request is sent with a fetch. */
type Watch = (own: typeof fetch, input: Input, options: Options) => Promise<Response>

/** Under this name the options of a fetch say how the request is watched. */
const WATCH = 'axiosRenewWatch'

/** One function for each fetch there is, which knows of no request: axios keeps what it makes of them for ever. */
const watching = new WeakMap<typeof fetch, typeof fetch>()

const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init)

/**
 * The adapter that tells, if this one is axios' own `fetch` adapter.
 *
 * @param getAdapter axios' own: nothing here imports axios.
 */
export function watchFetch(
  adapter: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  getAdapter: typeof getAxiosAdapter,
): WatchedAdapter | undefined {
  if (typeof config.adapter === 'function' || 'adapterName' in adapter) return undefined
  const own: typeof fetch = config.env?.fetch ?? globalFetch
  const watched = watching.get(own) ?? watchable(own)
  watching.set(own, watched)
  const env = { ...config.env, fetch: watched }
  return {
    adapter: getAdapter(config.adapter, { ...config, env }),
    changes: (...send) => ({ env, fetchOptions: { ...config.fetchOptions, [WATCH]: watchOf(...send) } }),
  }
}

function watchable(own: typeof fetch): typeof fetch {
  return (input, init) => {
    const { [WATCH]: watch, ...options } = Object(init) as Options & { [WATCH]?: Watch }
    return watch ? watch(own, input, options) : own(input, options)
  }
}

function watchOf(trail: Trail, added: readonly string[], byHand: boolean): Watch {
  return async (own, input, options) => {
    const request = typeof input === 'object' && 'clone' in input ? input : undefined
    // axios gives a string where `env` has no `Request`.
    const followed = byHand ? (request ?? new Request(input, options)) : undefined
    const response = await (followed?.redirect === 'follow' ? followWith(own, followed, options, trail, added) : own(input, options))
    // Errors that the body of the response raises later show the request.
    for (const name of added) request?.headers.delete(name)
    trail.endedAt ||= response.url
    return response
  }
}

/** Follows redirects by hand, with the added headers on what stays on allowed origins. */
function followWith(own: typeof fetch, request: Request, options: Options, trail: Trail, added: readonly string[]): Promise<Response> {
  const { method, headers, body, signal = request.signal, ...rest } = options
  const values = added.map((name) => [name, request.headers.get(name) ?? ''] as const)
  for (const name of added) request.headers.delete(name)
  return followRedirects(
    {
      trail,
      signal,
      fetch: (hop, init) => own(hop, { ...rest, ...init }),
      authorize(hop) {
        for (const [name, value] of values) hop.headers.set(name, value)
        return hop
      },
    },
    request,
  )
}
