import type { InternalAxiosRequestConfig } from 'axios'

/** Whether `baseURL` comes before the URL of this request, by the rules that axios' adapters follow. */
export function isRelative({ baseURL, url = '', allowAbsoluteUrls }: InternalAxiosRequestConfig): boolean {
  return !!baseURL && (allowAbsoluteUrls === false || !/^([a-z][a-z\d+\-.]*:)?\/\//i.test(url))
}

/** The URL a request goes to, without `params`. */
export function requestUrl(config: InternalAxiosRequestConfig): string {
  const { baseURL = '', url = '' } = config
  if (!isRelative(config)) return url
  return url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL
}
