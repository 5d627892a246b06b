import type { RefreshContext, TokenInput, TokenSet } from 'axios-renew'
import { fail } from '../../support/token-server.ts'
import { type Evidence, pairOf, type Sent } from './evidence.ts'
import type { Fate, Host, Pool } from './pool.ts'

/** What one sign-in has given. */
interface Grant {
  pairs: number
  alive: boolean
}

const LIFETIME_S = 3600

/**
 * An authorization server that several processes ask. A refresh token works once; used twice it costs the grant. A request
 * arrives, and its answer comes, when a schedule says so.
 */
export class StrictServer {
  readonly grants = new Map<string, Grant>()
  readonly #pool: Pool
  readonly #evidence: Evidence
  #givenUp = 0

  constructor(pool: Pool, evidence: Evidence) {
    this.#pool = pool
    this.#evidence = evidence
  }

  signIn(by: Host): TokenInput {
    const name = `g${this.grants.size + 1}`
    this.grants.set(name, { pairs: 0, alive: true })
    this.#evidence.given(by, name, 1)
    return this.#nextPair(name)
  }

  isAlive(refreshToken: string | undefined): boolean {
    return this.grants.get(pairOf(refreshToken).grant)?.alive === true
  }

  /** `refresh` of the session of this process. */
  refreshOf(by: Host, look: () => { holdsLock: boolean; lineage: string }) {
    return ({ refreshToken }: Partial<TokenSet>, { signal }: RefreshContext): Promise<TokenInput> => {
      const sent = this.#evidence.sends(by, refreshToken, look())
      return new Promise((resolve, reject) => {
        const arrival = {
          by,
          what: 'token request',
          abandon: (arrives: boolean) => void (arrives && this.#act(sent)),
          happen: (fate: Fate) => {
            if (fate !== 'works') this.#evidence.troubled = true
            // It never left: that is known.
            if (fate === 'fails') {
              sent.at = 'over'
              return reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
            }
            const next = this.#act(sent)
            if (fate === 'reply lost') return this.#breakOff(sent, reject)
            this.#pool.add({ by, what: 'answer', happen: (late) => this.#answer(sent, next, late, resolve, reject) })
          },
        }
        this.#pool.add(arrival)
        signal.addEventListener('abort', () => {
          this.#evidence.lose(sent, 'given up')
          // Half of those that have not arrived yet do, with nobody listening.
          if (sent.at !== 'leaving') return
          this.#pool.remove(arrival)
          if (this.#givenUp++ % 2) this.#act(sent)
          sent.at = 'over'
        })
      })
    }
  }

  /** `revoke` of the session of this process: a spent refresh token revokes nothing. */
  revokeOf(by: Host) {
    return ({ refreshToken }: TokenSet): Promise<void> =>
      new Promise((resolve, reject) => {
        const { grant: name, pair } = pairOf(refreshToken)
        const grant = this.grants.get(name)
        const happen = (fate: Fate) => {
          if (fate !== 'works') this.#evidence.troubled = true
          if (fate !== 'fails' && grant?.pairs === pair) grant.alive = false
          if (fate === 'works') resolve()
          else reject(new Error('connection reset'))
        }
        this.#pool.add({ by, what: 'revocation', happen })
      })
  }

  /** The server gets the request, and acts. */
  #act(sent: Sent): TokenInput | undefined {
    const grant = this.grants.get(sent.grant)
    sent.at = 'acted'
    if (!grant) return undefined
    if (sent.pair !== grant.pairs) {
      this.#evidence.reused(sent)
      grant.alive = false
    }
    if (!grant.alive) return undefined
    sent.consumed = true
    return this.#nextPair(sent.grant)
  }

  #answer(sent: Sent, next: TokenInput | undefined, fate: Fate, resolve: (next: TokenInput) => void, reject: (error: unknown) => void) {
    if (fate !== 'works') return this.#breakOff(sent, reject)
    sent.at = 'over'
    if (next) {
      this.#evidence.given(sent.by, sent.grant, sent.pair + 1)
      return resolve(next)
    }
    try {
      fail(400, { error: 'invalid_grant' })
    } catch (error) {
      reject(error)
    }
  }

  #breakOff(sent: Sent, reject: (error: unknown) => void): void {
    this.#evidence.lose(sent, 'its answer')
    sent.at = 'over'
    reject(new Error('connection reset'))
  }

  #nextPair(name: string): TokenInput {
    const grant = this.grants.get(name) as Grant
    grant.pairs++
    return { access_token: `${name}.a${grant.pairs}`, refresh_token: `${name}.r${grant.pairs}`, expires_in: LIFETIME_S }
  }
}
