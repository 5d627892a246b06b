import type { Trail } from '../../core/send/trail.ts'

/** The headers of a request, as far as `AxiosHeaders` is needed here. */
interface SentHeaders {
  get(name: string): unknown
}

/** What follow-redirects is about to send, and what led there; axios hands it to `beforeRedirect`. */
// biome-ignore lint/suspicious/noExplicitAny: that is how axios types it
type BeforeRedirect = (options: Record<string, any>, ...details: any[]) => void

/**
 * A `beforeRedirect` by which what was put on a request follows it as long as it stays on allowed origins.
 * The user's own one is called after it.
 *
 * @param sent the headers of this send.
 * @param added the names of the headers that were put on.
 */
export function createRedirectGuard<Own extends BeforeRedirect>(
  trail: Trail,
  sent: SentHeaders,
  added: readonly string[],
  own: Own | undefined,
): Own | undefined {
  const guard: BeforeRedirect = (options, ...details) => {
    const { headers, href } = options
    for (const name of Object.keys(headers)) {
      if (added.some((other) => other.toLowerCase() === name.toLowerCase())) delete headers[name]
    }
    if (!trail.permits(href)) trail.endedAt ??= href
    if (!trail.endedAt) for (const name of added) headers[name] = sent.get(name)
    own?.(options, ...details)
  }
  return guard as Own
}
