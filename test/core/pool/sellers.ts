import {
  createSessionPool,
  memoryStore,
  type SessionPool,
  type SessionPoolOptions,
  type TokenInput,
  type TokenSet,
  type TokenStore,
} from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { fail } from '../../support/token-server.ts'

export const HOUR = 3600_000

/** Many accounts at one strict token endpoint, whose answers can be held back. */
export class Sellers {
  readonly clock = fakeClock()
  readonly store: TokenStore = memoryStore()
  /** Refresh tokens as they came. */
  readonly received: string[] = []
  /** When, in ms since the beginning. */
  readonly times: number[] = []
  readonly waiting: { account: string; go: () => void }[] = []
  /** Accounts whose next requests are turned away, before their token is looked at. */
  readonly turnedAway = new Map<string, (() => never)[]>()
  hold = false
  /** Of new tokens, in seconds. */
  expiresIn = 3600
  running = 0
  mostAtOnce = 0
  revoked = new Set<string>()
  readonly #startedAt = this.clock.now()
  #spent = new Set<string>()
  #count = 0

  refresh = async ({ refreshToken }: Partial<TokenSet>, { account }: { account: string }): Promise<TokenInput> => {
    this.received.push(`${refreshToken}`)
    this.times.push(this.clock.now() - this.#startedAt)
    this.turnedAway.get(account)?.shift()?.()
    this.running++
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running)
    if (this.#spent.has(`${refreshToken}`)) this.revoked.add(account)
    this.#spent.add(`${refreshToken}`)
    this.#count++
    const { expiresIn: expires_in } = this
    const answer = { access_token: `${account}-a${this.#count}`, refresh_token: `${account}-r${this.#count}`, expires_in }
    if (this.hold) await new Promise<void>((go) => this.waiting.push({ account, go }))
    this.running--
    if (this.revoked.has(account)) fail(400, { error: 'invalid_grant' })
    return answer
  }

  pool(options: Partial<SessionPoolOptions> = {}): SessionPool {
    return createSessionPool({ refresh: this.refresh, store: this.store, clock: this.clock, ...options })
  }

  async signIn(pool: SessionPool, count: number, expires_in = 3600): Promise<string[]> {
    const accounts = Array.from({ length: count }, (_, i) => `s${i}`)
    for (const account of accounts)
      await pool.session(account).signIn({ access_token: `${account}-a`, refresh_token: `${account}-r`, expires_in })
    return accounts
  }

  /** Lets everybody go who is held back, and who comes now. */
  letGo(): void {
    this.hold = false
    for (const { go } of this.waiting.splice(0)) go()
  }

  /** Turns the next requests of this account away. */
  turnAway(account: string, ...answers: (() => never)[]): void {
    this.turnedAway.set(account, answers)
  }
}

/** Rows of a database in memory: the `load` and `save` of a pool. */
export class Rows {
  readonly byAccount = new Map<string, string>()
  load = (account: string): TokenInput | null => JSON.parse(this.byAccount.get(account) ?? 'null')
  save = (tokens: TokenSet | null, account: string): void => void this.byAccount.set(account, JSON.stringify(tokens))
}
