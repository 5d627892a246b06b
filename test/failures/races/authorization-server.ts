import type { Clock, RefreshContext, TokenSet } from 'axios-renew'
import { fail } from '../../support/token-server.ts'
import type { Notes } from './notes.ts'

/** What one sign-in of one user has given. */
export interface Grant {
  readonly name: string
  /** How many pairs there were. Only the newest one works. */
  pairs: number
  alive: boolean
  /** The newest access token is accepted until then (ms since the epoch). */
  acceptedUntil: number
  /** How many answers have not reached the session. */
  answersLost: number
}

/** A token request that has left the session. */
interface Sent {
  readonly refreshToken: string
  /** Lost: no answer came, or one that says that nothing was done. The token may be sent once more. */
  fate: 'open' | 'lost' | 'answered'
  /** By another process. */
  readonly elsewhere?: boolean
}

/** A token request whose answer is held back. The server has acted on it all the same. */
export interface HeldRequest {
  /** Nobody waits for the answer any more. It is taken all the same when it comes. */
  readonly givenUp: boolean
  answer(): void
  /** The connection breaks before the answer comes. */
  break(): void
}

const LIFETIME_MS = 3600_000

/**
 * An authorization server with several users. A refresh token works once; one that is used twice costs the
 * whole grant, and so does a revocation (RFC 7009) of the newest pair.
 */
export class AuthorizationServer {
  /** Answers wait for `held`. */
  hold = true
  /** Says 503 to token requests, and does nothing. */
  overloaded = false
  readonly held: HeldRequest[] = []
  readonly revoked: TokenSet[] = []
  readonly #sent: Sent[] = []
  readonly #grants = new Map<string, Grant>()
  readonly #clock: Clock
  readonly #notes: Notes

  constructor(clock: Clock, notes: Notes) {
    this.#clock = clock
    this.#notes = notes
  }

  /** How many token requests the session has sent. */
  get requests(): number {
    return this.#sent.filter(({ elsewhere }) => !elsewhere).length
  }

  /** A user signs in: a new grant, even if there is one of the same user. */
  signIn(user: string): TokenSet {
    const grant: Grant = { name: `${user}${this.#grants.size + 1}`, pairs: 0, alive: true, acceptedUntil: 0, answersLost: 0 }
    this.#grants.set(grant.name, grant)
    return this.#nextPair(grant)
  }

  /** The grant that a token belongs to. */
  grantOf(token: string | undefined | null): Grant | undefined {
    return this.#grants.get(String(token).split('.')[0] ?? '')
  }

  newestRefreshToken({ name, pairs }: Grant): string {
    return `${name}.r${pairs}`
  }

  /** Whether the API takes an access token. */
  accepts(token: string): boolean {
    const grant = this.grantOf(token)
    return grant?.alive === true && token === `${grant.name}.a${grant.pairs}` && this.#clock.now() < grant.acceptedUntil
  }

  /** From now on the API says 401 to the newest access token; the refresh token still works. */
  rejectAccessToken(name: string | null): void {
    const grant = this.grantOf(name)
    if (grant) grant.acceptedUntil = 0
  }

  /** Another process sends a refresh token, if that is the newest one, and gets its answer. */
  rotateElsewhere(refreshToken: string | undefined): TokenSet | undefined {
    const grant = this.grantOf(refreshToken)
    if (!refreshToken || !grant?.alive || refreshToken !== this.newestRefreshToken(grant)) return undefined
    this.#sent.push({ refreshToken, fate: 'answered', elsewhere: true })
    return this.#nextPair(grant)
  }

  /** `revoke` of the session. */
  revoke = async (tokens: TokenSet): Promise<void> => {
    this.revoked.push(tokens)
    const grant = this.grantOf(tokens.refreshToken)
    if (!grant) return
    if (grant.name === this.#notes.intention.grant) this.#notes.breach(`revoked ${grant.name}, who is signed in`)
    if (tokens.refreshToken === this.newestRefreshToken(grant)) grant.alive = false
  }

  /** `refresh` of the session. */
  refresh = async ({ refreshToken = '' }: Partial<TokenSet>, { signal }: RefreshContext): Promise<TokenSet> => {
    const earlier = this.#sent.filter((other) => other.refreshToken === refreshToken)
    if (earlier.some(({ fate }) => fate !== 'lost')) this.#notes.breach(`${refreshToken} was sent twice`)
    if (this.#sent.some(({ fate }) => fate === 'open')) this.#notes.breach('two token requests at once')
    const sent: Sent = { refreshToken, fate: 'open' }
    this.#sent.push(sent)
    signal.addEventListener('abort', () => this.#lose(sent))

    const next = this.overloaded ? 'overloaded' : this.#exchange(refreshToken)
    if (this.hold) {
      await new Promise<void>((resolve, reject) =>
        this.held.push({
          get givenUp() {
            return sent.fate === 'lost'
          },
          answer: resolve,
          break: () => {
            this.#lose(sent)
            reject(new Error('connection reset'))
          },
        }),
      )
    }
    if (next === 'overloaded') {
      sent.fate = 'lost'
      return fail(503)
    }
    const late = sent.fate === 'lost'
    // A refusal that comes after the request was given up tells nobody anything.
    if (next || !late) sent.fate = 'answered'
    if (!next) return fail(400, { error: 'invalid_grant' })
    this.#notes.delivered.add(String(next.refreshToken))
    const grant = this.grantOf(refreshToken)
    if (late && grant?.alive) grant.answersLost--
    return next
  }

  #exchange(refreshToken: string): TokenSet | undefined {
    const grant = this.grantOf(refreshToken)
    if (!grant) return undefined
    if (refreshToken !== this.newestRefreshToken(grant)) grant.alive = false
    return grant.alive ? this.#nextPair(grant) : undefined
  }

  #nextPair(grant: Grant): TokenSet {
    grant.pairs++
    const issuedAt = this.#clock.now()
    grant.acceptedUntil = issuedAt + LIFETIME_MS
    return {
      accessToken: `${grant.name}.a${grant.pairs}`,
      refreshToken: this.newestRefreshToken(grant),
      issuedAt,
      expiresAt: grant.acceptedUntil,
    }
  }

  #lose(sent: Sent): void {
    if (sent.fate !== 'open') return
    sent.fate = 'lost'
    const grant = this.grantOf(sent.refreshToken)
    if (grant) grant.answersLost++
  }
}
