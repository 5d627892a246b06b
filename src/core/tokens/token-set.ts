/**
 * An access token and what belongs to it, in one spelling whatever the provider's.
 *
 * This is what `save` gets and what `getTokens` gives. It is plain data: it survives
 * `JSON.stringify` and a database column.
 */
export interface TokenSet {
  /** The credential that is attached to requests (RFC 6749, 1.4). */
  accessToken: string
  /** The credential that buys the next access token (RFC 6749, 1.5). Many servers accept it once. */
  refreshToken?: string
  /** How the token is presented. Default `'Bearer'`; `'bearer'` is sent as `'Bearer'` (RFC 6750). */
  tokenType?: string
  /** When the access token stops working, in ms since the epoch. Absent: unknown, only a 401 tells. */
  expiresAt?: number
  /** When the tokens were issued, in ms since the epoch. */
  issuedAt?: number
  /** Space-separated scopes, as the server sent them (RFC 6749, 3.3). */
  scope?: string
  /** Whatever else the provider sent: `user_id`, `public_key`, `live_mode` ... */
  extra?: Record<string, unknown>
}

/** The fields of a token response that are understood, in both spellings. */
export interface TokenFields {
  /** The credential that is attached to requests. */
  accessToken?: string
  /** The same as `accessToken` (RFC 6749, 5.1). */
  access_token?: string
  /** The credential that buys the next access token. Without one, the session keeps the one that it has. */
  refreshToken?: string | null
  /** The same as `refreshToken` (RFC 6749, 5.1). */
  refresh_token?: string | null
  /** How the token is presented. Default `'Bearer'`. */
  tokenType?: string | null
  /** The same as `tokenType` (RFC 6749, 5.1). */
  token_type?: string | null
  /** The lifetime of the access token, in seconds, as a number or a text of digits. */
  expiresIn?: number | string | null
  /** The same as `expiresIn` (RFC 6749, 5.1). */
  expires_in?: number | string | null
  /** When the access token stops working: ms or seconds since the epoch, a `Date`, or an ISO string. */
  expiresAt?: number | string | Date | null
  /** The same as `expiresAt`. */
  expires_at?: number | string | Date | null
  /** When the tokens were issued, which `expiresIn` counts from where they were kept: as `expiresAt` is written. */
  issuedAt?: number | string | Date | null
  /** The same as `issuedAt`. */
  issued_at?: number | string | Date | null
  /** The same as `issuedAt`. */
  createdAt?: number | string | Date | null
  /** The same as `issuedAt`. */
  created_at?: number | string | Date | null
  /** The scopes: separated by spaces (RFC 6749, 3.3), or a list. */
  scope?: string | readonly string[] | null
  /** Whatever else the provider sent, as it is in a {@link TokenSet}. */
  extra?: Record<string, unknown> | null
}

/**
 * What `refresh`, `tokens`, `load` and `signIn` accept: a {@link TokenSet}, or the body of a token
 * response as it came, in snake_case or camelCase.
 *
 * - `expires_in`: seconds, a number or a numeric string.
 * - `expires_at`, `issued_at`, `created_at`: ms, seconds (below 1e11), a `Date` or an ISO string (one
 *   without a zone is in that of the machine).
 * - Keys that are not known go to `extra`.
 *
 * As a start value it may lack the access token (`{}`, `{ refreshToken }`): that is a session whose
 * access token has expired.
 */
export type TokenInput = TokenSet | TokenFields | Record<string, unknown>

/** The value of an `Authorization` header for these tokens (RFC 6750, 2.1). */
export function authorizationValue(tokens: TokenSet): string {
  const type = tokens.tokenType
  return `${!type || type.toLowerCase() === 'bearer' ? 'Bearer' : type} ${tokens.accessToken}`
}
