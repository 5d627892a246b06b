import type { InternalAxiosRequestConfig } from 'axios'
import { parseUrl, type UrlParts } from '../../core/send/origins.ts'

/** Whether a URL names its host itself, by the rule that axios follows. */
export function isAbsolute(url = ''): boolean {
  return /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url)
}

/** The URL a request goes to, without `params`, by the rules that axios follows. */
function requestUrl({ baseURL, url = '', allowAbsoluteUrls }: InternalAxiosRequestConfig): string {
  if (!baseURL || (allowAbsoluteUrls !== false && isAbsolute(url))) return url
  return url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL
}

/** Where a request goes, without `params`; `undefined` if that is no URL. */
export function targetOf(config: InternalAxiosRequestConfig, url = requestUrl(config)): UrlParts | undefined {
  // Requests to a Unix socket may have a path for a URL.
  return parseUrl(config.socketPath && url.startsWith('/') ? `http://localhost${url}` : url)
}
