import type { TokenSet } from '../tokens/token-set.ts'
import { authorizationValue } from '../tokens/token-set.ts'

/** The headers of a request, as far as `AxiosHeaders` and `Headers` agree. */
export interface RequestHeaders {
  /** The value of a header, its name in any case; `null` or `undefined` when it is not set. */
  get(name: string): unknown
  /** Sets a header, in place of one of the same name. */
  set(name: string, value: string): void
  /** Whether a header is set. */
  has(name: string): boolean
  /** Takes a header off. */
  delete(name: string): void
}

/** A request on its way out. Its URL and headers may be changed; that lasts for this one send. */
export interface AuthorizableRequest {
  /** The method, in upper case. */
  readonly method: string
  /** The full URL, with its query. */
  url: string
  /** The headers of this send; those of the caller's request stay as they are. */
  readonly headers: RequestHeaders
  /** The serialized body, as it will be sent. */
  readonly body: unknown
}

/**
 * Puts the tokens on a request; called for every send, replays too. The default sets `Authorization`.
 *
 * @example
 * authorize: (request, tokens) => request.headers.set('X-Shopify-Access-Token', tokens.accessToken)
 */
export type Authorize = (request: AuthorizableRequest, tokens: TokenSet) => void | Promise<void>

/** `Authorization: Bearer ...` (RFC 6750, 2.1). */
export function setAuthorization(headers: RequestHeaders, tokens: Partial<TokenSet>): void {
  headers.set('Authorization', authorizationValue(tokens as TokenSet))
}
