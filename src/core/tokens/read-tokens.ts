import { jwtClaims } from './jwt.ts'
import type { TokenSet } from './token-set.ts'

/**
 * Where a value comes from, which decides what its relative times count from: the answer to a token
 * request, a sign-in that just happened, or something that was kept for a while.
 */
export type TokenOrigin = 'answer' | 'sign-in' | 'kept'

/** Tokens as they were understood. */
export interface ReadTokens {
  readonly tokens: Partial<TokenSet>
  /** Their lifetime is known and their age is not: they should be refreshed soon. */
  readonly ageUnknown: boolean
}

/** On an answer: when the server says that it was made (`Date`; RFC 9110, 6.6.1), in ms since the epoch by its clock. */
export const ANSWERED_AT = Symbol.for('axios-renew.answered-at')

/** On an answer without an access token: the mistake by which the app could not read one. */
export const MISREAD_BY = Symbol.for('axios-renew.misread-by')

/**
 * Turns a token response, in either spelling, into a token set.
 *
 * @param at ms since the epoch: when the token request was sent, or now.
 */
export function readTokens(input: object, origin: TokenOrigin, at: number): ReadTokens {
  const known: Record<string, unknown> = {}
  const others: [string, unknown][] = []
  for (const [key, value] of Object.entries(input)) {
    const name = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
    if (KNOWN.test(name)) known[name] ??= value
    else others.push([key, value])
  }
  others.push(...Object.entries(Object(known.extra)))

  const { accessToken, refreshToken, tokenType, scope } = known
  const { issuedAt, expiresAt, ageUnknown = false } = times(known, origin, at, (input as { [ANSWERED_AT]?: number })[ANSWERED_AT])
  const texts = Object.entries({ accessToken, refreshToken, tokenType, scope: Array.isArray(scope) ? scope.join(' ') : scope })
  const tokens: Partial<TokenSet> = Object.fromEntries(texts.filter(([, value]) => value && typeof value === 'string'))
  if (expiresAt) tokens.expiresAt = expiresAt
  if (issuedAt) tokens.issuedAt = issuedAt
  if (others[0]) tokens.extra = Object.fromEntries(others)
  return { tokens, ageUnknown }
}

const KNOWN = /^((access|refresh)Token|tokenType|expires(In|At)|(issu|creat)edAt|scope|extra)$/

/** When tokens were issued and when they expire, in ms since the epoch; not a number where unknown. */
function times(
  known: Record<string, unknown>,
  origin: TokenOrigin,
  at: number,
  answeredAt = Number.NaN,
): { issuedAt: number; expiresAt: number; ageUnknown?: boolean } {
  let issuedAt = moment(known.issuedAt) || moment(known.createdAt)
  let expiresAt = moment(known.expiresAt)
  let seconds = converted(Number, known.expiresIn) ?? Number.NaN
  // One provider sends a date under this name.
  if (seconds > 1e9) {
    expiresAt = moment(seconds)
    seconds = 0
  }
  const relative = seconds * 1000 >= 1
  const claimed = !relative && !expiresAt
  if (claimed) {
    const { exp, iat } = jwtClaims(known.accessToken)
    expiresAt = moment(exp)
    issuedAt ||= moment(iat)
  }
  const lifetime = relative ? seconds * 1000 : expiresAt - (issuedAt || answeredAt)

  if (origin === 'answer' || (origin === 'sign-in' && claimed)) {
    // A lifetime counts from the sending, so the server's clock does not matter. A token that is just
    // received and already over says that the clocks disagree: only a 401 will tell.
    return { issuedAt: at, expiresAt: lifetime > 0 ? at + lifetime : expiresAt > at ? expiresAt : Number.NaN }
  }
  if (!relative) return { issuedAt, expiresAt }
  if (origin === 'sign-in') issuedAt = at
  else issuedAt ||= expiresAt - lifetime
  return { issuedAt, expiresAt: issuedAt + lifetime, ageUnknown: !issuedAt }
}

/** A point in time in ms since the epoch, from ms, seconds, a `Date`, or a string of any of them. */
function moment(value: unknown): number {
  const number = converted(Number, value) ?? Number.NaN
  const ms = Number.isNaN(number) ? Date.parse(converted(String, value) ?? '') : number < 1e11 ? number * 1000 : number
  return ms > 0 && ms < FOREVER ? ms : Number.NaN
}

/** The largest date JavaScript knows. */
const FOREVER = 8.64e15

/** Some values refuse (`Temporal` to be a number): a pair must not be lost by that. */
function converted<T>(convert: (value: unknown) => T, value: unknown): T | undefined {
  try {
    return convert(value)
  } catch {
    return undefined
  }
}
