/** A pair, as apps store it. */
export interface Tokens {
  accessToken: string
  refreshToken: string
}

/**
 * A strict authorization server, without its wire: refresh tokens are single-use, and one that is sent
 * twice kills the grant with every token of it (RFC 9700, 4.14).
 */
export class Authority {
  /** Requests to the token endpoint. */
  tokenRequests = 0
  grantAlive = true
  readonly #accepted = new Set<string>()
  #refreshToken = ''
  #pairs = 0

  /**
   * Gives a pair, as after a sign-in. Access tokens are JWTs, because one of the libraries reads them.
   *
   * @param lifetime in seconds; negative: its time is over.
   */
  issue(lifetime = 3600): Tokens {
    this.#pairs++
    const claims = { jti: `access-${this.#pairs}`, exp: Math.floor(Date.now() / 1000) + lifetime }
    const accessToken = [{ alg: 'none' }, claims, 'none'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    this.#accepted.add(`Bearer ${accessToken}`)
    this.#refreshToken = `refresh-${this.#pairs}`
    return { accessToken, refreshToken: this.#refreshToken }
  }

  /** The access tokens are refused from now on; the refresh token is still good. */
  revoke(): void {
    this.#accepted.clear()
  }

  /** The refresh token is refused, too. */
  end(): void {
    this.revoke()
    this.grantAlive = false
  }

  /** Whether an `Authorization` header is good right now. */
  accepts(authorization: unknown): boolean {
    return this.#accepted.has(String(authorization))
  }

  /** The token endpoint; `undefined` is `invalid_grant`. */
  refresh(refreshToken: string): Tokens | undefined {
    this.tokenRequests++
    if (this.grantAlive && refreshToken === this.#refreshToken) return this.issue()
    this.end()
    return undefined
  }
}
