import type { Clock } from '../../core/clock.ts'

/**
 * What a server does when a refresh token that was used comes again: `'revoke'` the whole grant, give the same pair again for
 * some time (`'grace'`), or give a new pair (`'ignore'`).
 */
export type Reuse = 'revoke' | 'grace' | 'ignore'

/** What the grants of a server have in common. */
export interface GrantRules {
  readonly reuse: Reuse
  readonly graceMs: number
  readonly rotate: boolean
  /** In seconds; `null`: the answer does not tell, and tokens do not expire by themselves. */
  readonly expiresIn: number | null
  readonly clock: Clock
}

/** The body of a token response (RFC 6749, 5.1). */
export interface TokenResponse {
  /** The new access token: `access-1`, `access-2` and so on. */
  access_token: string
  /** How it is presented (RFC 6750). */
  token_type: 'Bearer'
  /** Its lifetime, in seconds; absent with `expiresIn: null`. */
  expires_in?: number
  /** The next refresh token; absent in a refresh with `rotate: false`. */
  refresh_token?: string
  /** The scope that was granted. */
  scope: string
  /** What `signIn` was given besides, such as `user_id`. */
  [extra: string]: unknown
}

/** What became of a refresh token that was sent. */
export interface Exchange {
  /** Absent: `invalid_grant`. */
  readonly answer?: TokenResponse
  /** The token had been used before. */
  readonly reused?: boolean
  /** The grant was revoked because of it. */
  readonly revokedGrant?: boolean
}

/** One account's consent, with all tokens that were ever given for it. */
export class Grant {
  revoked = false
  readonly #account: string
  readonly #extra: Readonly<Record<string, unknown>>
  readonly #rules: GrantRules
  readonly #name: () => number
  /** By access token: when it expires, in ms since the epoch. */
  readonly #accessTokens = new Map<string, number>()
  /** By refresh token that was used: when, and what it was answered with. */
  readonly #used = new Map<string, { at: number; answer: TokenResponse }>()
  readonly #refreshTokens = new Set<string>()
  #current = ''

  /** @param name gives numbers that no other grant gets. */
  constructor(account: string, extra: Record<string, unknown>, rules: GrantRules, name: () => number) {
    this.#account = account
    this.#extra = extra
    this.#rules = rules
    this.#name = name
  }

  get account(): string {
    return this.#account
  }

  /** Whether a token was given for it, whatever became of that. */
  knows(token: string): boolean {
    return this.#accessTokens.has(token) || this.#refreshTokens.has(token)
  }

  isAccessToken(token: string): boolean {
    return this.#accessTokens.has(token)
  }

  accepts(accessToken: string): boolean {
    return !this.revoked && this.#rules.clock.now() < (this.#accessTokens.get(accessToken) ?? 0)
  }

  /** Makes an access token invalid, or all. */
  expire(accessToken?: string): void {
    for (const token of this.#accessTokens.keys()) if (token === (accessToken ?? token)) this.#accessTokens.set(token, 0)
  }

  /** A new pair. */
  issue(): TokenResponse {
    const { expiresIn, clock, rotate } = this.#rules
    const number = this.#name()
    const access_token = `access-${number}`
    this.#accessTokens.set(access_token, expiresIn === null ? Number.POSITIVE_INFINITY : clock.now() + expiresIn * 1000)
    const answer: TokenResponse = { access_token, token_type: 'Bearer', scope: 'offline_access', ...this.#extra }
    if (expiresIn !== null) answer.expires_in = expiresIn
    if (rotate || this.#current === '') {
      this.#current = `refresh-${number}`
      this.#refreshTokens.add(this.#current)
      answer.refresh_token = this.#current
    }
    return answer
  }

  exchange(refreshToken: string): Exchange {
    const { reuse, graceMs, rotate, clock } = this.#rules
    if (this.revoked) return { reused: this.#used.has(refreshToken) }
    if (!this.#refreshTokens.has(refreshToken)) return {}
    if (!rotate) return { answer: this.issue() }
    const former = this.#used.get(refreshToken)
    if (!former) return { answer: this.#use(refreshToken) }
    if (reuse === 'ignore') return { reused: true, answer: this.issue() }
    // The one before the current one, and nobody has used its successor: its answer may have been lost.
    const isLatest = former.answer.refresh_token === this.#current
    const age = clock.now() - former.at
    if (reuse === 'grace' && isLatest && age <= graceMs) return { reused: true, answer: aged(former.answer, age) }
    this.revoked = true
    return { reused: true, revokedGrant: true }
  }

  #use(refreshToken: string): TokenResponse {
    const answer = this.issue()
    this.#used.set(refreshToken, { at: this.#rules.clock.now(), answer })
    return answer
  }
}

/** An answer that is given again tells of the time that is left. */
function aged(answer: TokenResponse, ms: number): TokenResponse {
  const { expires_in } = answer
  return expires_in === undefined ? answer : { ...answer, expires_in: Math.max(0, expires_in - Math.floor(ms / 1000)) }
}
