import type { UrlParts } from '../../core/send/origins.ts'

/** A URL that all read alike: the host in ASCII, nobody before it, no backslash and no white space. */
const PLAIN = /^(https?:)\/\/([a-z\d._-]+|\[[a-f\d:.]+\])(?::(\d{1,5}))?([/?#][^\s\\]*)?$/i
const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 }

/**
 * Reads a URL. React Native's own `URL` says "not implemented" (before 0.80), or takes what is before an `@` in a path for a
 * user. A polyfill would not do: the system below reads the text once more, by rules of its own. So only plain URLs are read.
 *
 * @throws TypeError for what is none, or not a plain one.
 */
export function readPlainUrl(url: string): UrlParts {
  const [, scheme, host, port, path = '/'] = PLAIN.exec(url) ?? []
  if (!scheme || !host) throw new TypeError('Invalid URL')
  const [protocol, hostname] = [scheme.toLowerCase(), host.toLowerCase()]
  const origin = `${protocol}//${hostname}${port && Number(port) !== DEFAULT_PORTS[protocol] ? `:${Number(port)}` : ''}`
  return { href: origin + path, origin, protocol, hostname, username: '', password: '' }
}
