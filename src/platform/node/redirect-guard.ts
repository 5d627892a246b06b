import type { Trail } from '../../core/send/trail.ts'

/** The headers of a request, as far as `AxiosHeaders` is needed here. */
interface SentHeaders {
  get(name: string): unknown
}

/** What follow-redirects is about to send. */
interface Redirect {
  headers: Record<string, unknown>
  href: string
}

/** As axios calls `beforeRedirect`, with what led there behind. Its type says less than it gives, so that it is not used here. */
type BeforeRedirect = (options: Redirect, ...details: unknown[]) => void

/**
 * A `beforeRedirect` by which what was put on a request follows it as long as it stays on allowed origins.
 * The user's own one is called after it.
 *
 * @param sent the headers of this send.
 * @param added the names of the headers that were put on.
 */
export function createRedirectGuard<Own>(trail: Trail, sent: SentHeaders, added: readonly string[], own: Own | undefined): Own | undefined {
  const guard: BeforeRedirect = (options, ...details) => {
    const { headers, href } = options
    for (const name of Object.keys(headers)) {
      if (added.some((other) => other.toLowerCase() === name.toLowerCase())) delete headers[name]
    }
    if (!trail.permits(href)) trail.endedAt ??= href
    if (!trail.endedAt) for (const name of added) headers[name] = sent.get(name)
    ;(own as BeforeRedirect | undefined)?.(options, ...details)
  }
  return guard as Own
}
