import type { AxiosAdapter, getAdapter as getAxiosAdapter, InternalAxiosRequestConfig } from 'axios'
import type { OriginCheck } from '../../core/send/origins.ts'
import { followRedirects } from './follow-redirects.ts'

/**
 * axios' `fetch` adapter tells neither where a response came from nor of redirects on the way. The
 * `fetch` that it sends with can be told to do so (`env.fetch`, since axios 1.12).
 */
export interface FetchWatch {
  /** What to send with instead, if this is that adapter. */
  watched(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): WatchedAdapter | undefined
  /** Where the response to a request came from. */
  finalUrl(request: unknown): string | undefined
}

/** The adapter that tells. */
export interface WatchedAdapter {
  adapter: AxiosAdapter
  /**
   * What the configuration must say besides.
   *
   * @param added the names of the headers that must not leave the allowed origins.
   */
  changes(added: readonly string[]): Partial<InternalAxiosRequestConfig>
}

/** Under this name the options of a fetch say which headers must not leave the allowed origins. */
const ADDED_HEADERS = 'axiosRenewAddedHeaders'

/** @param getAdapter axios' own: nothing here imports axios. */
export function createFetchWatch(permits: OriginCheck, getAdapter: typeof getAxiosAdapter): FetchWatch {
  const finalUrls = new WeakMap<object, string>()
  // One function for each fetch there is: axios keeps what it makes of them for ever.
  const watches = new Map<typeof fetch | undefined, typeof fetch>()

  function watch(own?: typeof fetch): typeof fetch {
    return async (input, init) => {
      const { [ADDED_HEADERS]: added = [], ...options } = Object(init) as RequestInit & { [ADDED_HEADERS]?: string[] }
      const send = (request: Request | URL | string, more?: RequestInit) => (own ?? globalThis.fetch)(request, { ...options, ...more })
      const strip = async (request: Request) => {
        if (!permits(request.url)) for (const name of added) request.headers.delete(name)
        return request
      }
      const request = input as Request
      const byHand = added.length > 0 && request.redirect === 'follow'
      const response = byHand ? await followRedirects({ fetch: send, authorize: strip }, request) : await send(request)
      finalUrls.set(request, response.url)
      return response
    }
  }

  return {
    watched(adapter, config) {
      if (typeof config.adapter === 'function' || 'adapterName' in adapter) return undefined
      const own: typeof fetch | undefined = config.env?.fetch
      const watching = watches.get(own) ?? watch(own)
      watches.set(own, watching)
      const env = { ...config.env, fetch: watching }
      return {
        adapter: getAdapter(config.adapter, { ...config, env }),
        changes: (added) => ({ env, fetchOptions: { ...config.fetchOptions, [ADDED_HEADERS]: added } }),
      }
    },
    finalUrl: (request) => finalUrls.get(Object(request)),
  }
}
