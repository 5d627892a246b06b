import { readUrl } from '#platform'

/** What is asked of a URL. */
export type UrlParts = Pick<URL, 'href' | 'origin' | 'protocol' | 'hostname' | 'username' | 'password'>

/** Origins that may receive the token, or `'*'` for every https origin. */
export type Origins = '*' | readonly string[]

/** Whether a URL may receive the token. */
export type OriginCheck = (url: string) => boolean

/**
 * Makes the check of an allow-list. It takes only URLs on https, on loopback, or listed as they are.
 *
 * @param where the function that has the option `origins`, for the message.
 * @throws TypeError for an entry that is not an origin, such as `https://api.example.com/v1`.
 */
export function originCheck(where: string, origins: Origins): OriginCheck {
  if (origins === '*') return (url) => isSafe(parseUrl(url))
  const listed = origins.map((origin) => {
    const url = parseUrl(origin)
    if (!/^https?:\/\/[^/\\?#@*]+\/?$/i.test(origin) || !url) {
      throw new TypeError(`${where}: option 'origins': expected origins such as 'https://api.example.com', got '${origin}'`)
    }
    return url.origin
  })
  return (url) => listed.includes(parseUrl(url)?.origin as string)
}

/** Whether what is sent there cannot be read on the way: https, or this machine (RFC 8252, 7.3). */
export function isSafe(url: UrlParts | undefined): boolean {
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
}

/** A URL as the platform will understand it, relative ones against the page's base URL; `undefined` if it is none. */
export function parseUrl(url: string, base = globalThis.document?.baseURI ?? globalThis.location?.href): UrlParts | undefined {
  try {
    return readUrl(url, base)
  } catch {
    return undefined
  }
}
