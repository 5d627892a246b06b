import type { RefreshContext, TokenInput, TokenSet } from 'axios-renew'

/** A token request that waits for its answer. */
export interface PendingRequest {
  refreshToken?: string
  signal: AbortSignal
  answer(input?: TokenInput | null): void
  fail(error: unknown): void
}

/**
 * A strict authorization server in memory: a refresh token works once, and one that is used twice
 * revokes everything. Tests hold its answers back, or replace them.
 */
export class TokenServer {
  /** Every refresh token that was sent, in order. */
  readonly received: (string | undefined)[] = []
  readonly pending: PendingRequest[] = []
  /** Token requests under way at once, at most. */
  mostAtOnce = 0
  revoked = false
  /** Keep requests waiting, until `pending` is answered by hand. */
  hold = false
  /** Seconds; `undefined` leaves it out. */
  expiresIn: number | undefined = 3600
  /** Refresh tokens whose request was given up, or failed after the server had acted. */
  readonly unanswered = new Set<string | undefined>()
  /** Refresh tokens that were sent again although their request had been answered. */
  readonly sentTwice: (string | undefined)[] = []
  /** Access tokens that no longer work, though their time is not over. */
  readonly revokedTokens = new Set<string>()
  #generation = 1
  readonly #open = new Set<AbortSignal>()

  /** The pair that it will accept first. */
  get firstPair(): { access_token: string; refresh_token: string } {
    return { access_token: 'a1', refresh_token: 'r1' }
  }

  get requests(): number {
    return this.received.length
  }

  /** Makes the current access token invalid; the refresh token still works. */
  revokeAccessToken(): void {
    this.revokedTokens.add(`a${this.#generation}`)
  }

  /** A `refresh` for sessions. */
  refresh = async ({ refreshToken }: Partial<TokenSet>, { signal }: RefreshContext): Promise<TokenInput | null> => {
    if (this.received.includes(refreshToken) && !this.unanswered.has(refreshToken)) this.sentTwice.push(refreshToken)
    this.received.push(refreshToken)
    this.#open.add(signal)
    // A request that was given up does not count any more.
    const open = [...this.#open].filter(({ aborted }) => !aborted)
    this.mostAtOnce = Math.max(this.mostAtOnce, open.length)
    signal.addEventListener('abort', () => this.unanswered.add(refreshToken))
    try {
      // The server acts when the request arrives, whenever its answer may come.
      const outcome = this.#exchange(refreshToken)
      if (!this.hold) return outcome()
      return await new Promise<TokenInput | null>((resolve, reject) => {
        this.pending.push({
          refreshToken,
          signal,
          fail: (error) => {
            this.unanswered.add(refreshToken)
            reject(error)
          },
          answer: (input) => {
            try {
              resolve(input === undefined ? outcome() : input)
            } catch (error) {
              reject(error)
            }
          },
        })
      })
    } finally {
      this.#open.delete(signal)
    }
  }

  #exchange(refreshToken: string | undefined): () => TokenInput {
    if (refreshToken !== `r${this.#generation}`) this.revoked = true
    if (this.revoked) return () => fail(400, { error: 'invalid_grant' })
    this.#generation++
    const pair = {
      access_token: `a${this.#generation}`,
      refresh_token: `r${this.#generation}`,
      ...(this.expiresIn !== undefined && { expires_in: this.expiresIn }),
    }
    return () => pair
  }
}

/** Throws what HTTP clients throw for a status. */
export function fail(status: number, data?: unknown, headers: Record<string, string> = {}): never {
  throw Object.assign(new Error(`status ${status}`), { response: { status, data, headers } })
}
