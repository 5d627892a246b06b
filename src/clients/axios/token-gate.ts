import type { AxiosInstance, InternalAxiosRequestConfig } from 'axios'
import { type OriginCheck, type Origins, originCheck, parseUrl, type UrlParts } from '../../core/send/origins.ts'
import { isAbsolute, targetOf } from './request-url.ts'

/** What may be done with a request: give it the token, or why not. */
export type Admission = 'token' | 'skip' | 'origin' | 'own-credentials'

/** Decides which requests get the token, on the final configuration of each. */
export interface TokenGate {
  admit(config: InternalAxiosRequestConfig): Admission
  /** Whether a URL may receive the token. */
  permits(url: string): boolean
}

/** How many base URLs are remembered before all are forgotten. */
const MEMORY = 200

export function createTokenGate(instance: AxiosInstance, origins?: Origins): TokenGate {
  /** Answers by base URL: parsing a URL costs as much as a good part of a request. */
  const known = new Map<string, Admission>()
  let check = origins && originCheck('attach', origins)

  function permits(url: string): boolean {
    if (!check) {
      throw new TypeError(
        "attach: it is unknown which origin may receive the token: give the instance an absolute baseURL, or give origins: ['https://api.example.com']",
      )
    }
    return check(url)
  }

  function judgeUrl(url: UrlParts | undefined): Admission {
    if (url?.username || url?.password) return 'own-credentials'
    return url && permits(url.href) ? 'token' : 'origin'
  }

  function judge(config: InternalAxiosRequestConfig): Admission {
    const admission = judgeUrl(targetOf(config))
    // Not all versions and adapters of axios take notice of allowAbsoluteUrls, so the request may go there all the same.
    const ambiguous = config.allowAbsoluteUrls === false && isAbsolute(config.url)
    return ambiguous && admission === 'token' ? judgeUrl(targetOf(config, config.url)) : admission
  }

  return {
    permits,
    admit(config) {
      // Fixed by the first request: moving baseURL later must not move the token.
      check ??= ownOrigin(instance.defaults.baseURL)
      if (config.renew?.skip) return 'skip'
      if (config.auth || bringsAuthorization(instance, config)) return 'own-credentials'
      const { baseURL = '', socketPath, url } = config
      // What is appended to a base that has a host cannot change the host, so one answer serves all.
      if (socketPath || isAbsolute(url) || !/^https?:\/\/[^/\\?#]/i.test(baseURL)) return judge(config)
      let admission = known.get(baseURL)
      if (!admission) {
        admission = judge(config)
        if (known.size >= MEMORY) known.clear()
        known.set(baseURL, admission)
      }
      return admission
    },
  }
}

/** The default allow-list: the origin of the instance's `baseURL`; the page's own, if that is relative or absent. */
function ownOrigin(baseURL = ''): OriginCheck | undefined {
  const origin = parseUrl(baseURL, globalThis.location?.href)?.origin
  return origin && origin !== 'null' ? (url) => parseUrl(url)?.origin === origin : undefined
}

/** An `Authorization` header that did not come from the instance's defaults. */
function bringsAuthorization({ defaults }: AxiosInstance, { headers, method }: InternalAxiosRequestConfig): boolean {
  const value = headers.get('Authorization')
  if (value === undefined) return false
  const sources = [defaults.headers, defaults.headers.common, defaults.headers[method as 'get']]
  return !sources.some((source) => Object.entries(Object(source)).some(([name, own]) => own === value && /^authorization$/i.test(name)))
}
