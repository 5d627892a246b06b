import { AuthError, createSession, type Session, type TokenSet } from 'axios-renew'
import type { FakeClock } from 'axios-renew/testing'
import type { SessionState } from '../../../src/core/session/state.ts'
import type { Evidence } from './evidence.ts'
import type { FaultyStore } from './faulty-store.ts'
import type { Host } from './pool.ts'
import { ProcessClock } from './process-clock.ts'
import type { StrictServer } from './strict-server.ts'

/** How the sessions of a world are set up. */
export interface Setup {
  onSaveFailure: 'serve' | 'reject'
  /** The store can be watched. */
  watch: boolean
  /** There is a revocation endpoint. */
  revoke: boolean
}

/** What all processes have in common. */
export interface Surroundings {
  readonly setup: Setup
  readonly clock: FakeClock
  readonly store: FaultyStore
  readonly server: StrictServer
  readonly evidence: Evidence
}

/** A call of a session. */
export interface Call {
  readonly what: string
  settled: boolean
  /** The code of its error. */
  outcome?: string
}

const TIMEOUT_MS = 10_000

function inside(session: Session): SessionState {
  const found = (session as { [STATE]?: unknown })[STATE]
  return (typeof found === 'function' ? found() : found) as SessionState
}

const STATE = Symbol.for('axios-renew.state')

/** One process with one session, whose memory is all it has. */
export class ShopProcess implements Host {
  condition: Host['condition'] = 'running'
  readonly name: string
  readonly session: Session
  readonly calls: Call[] = []
  closed = false
  #handedOut?: TokenSet
  #last = { lineage: '', generation: 0 }
  readonly #clock: ProcessClock
  readonly #around: Surroundings

  constructor(name: string, around: Surroundings) {
    const { setup, clock, store, server } = around
    this.name = name
    this.#around = around
    this.#clock = new ProcessClock(clock, this)
    this.session = createSession({
      refresh: server.refreshOf(this, () => ({ holdsLock: store.holds(this), lineage: this.memory.lineage })),
      store: store.viewOf(this, this.#clock, setup.watch),
      clock: this.#clock,
      onSaveFailure: setup.onSaveFailure,
      refreshTimeoutMs: TIMEOUT_MS,
      ...(setup.revoke && { revoke: server.revokeOf(this) }),
    })
  }

  /** What it remembers. */
  get memory() {
    const { status, lineage, generation, held, formerLineages } = inside(this.session)
    return { status, lineage, generation, formerLineages, refreshToken: held?.tokens.refreshToken }
  }

  /** Says how its memory went back, if it did. */
  wentBack(): string | undefined {
    const { lineage, generation, formerLineages } = this.memory
    const before = this.#last
    this.#last = { lineage, generation }
    if (lineage === before.lineage && generation < before.generation) return `${this.name} went back to an older generation`
    if (lineage !== before.lineage && formerLineages.includes(lineage)) return `${this.name} went back to an older sign-in`
    return undefined
  }

  getTokens(): Promise<TokenSet | undefined> {
    return this.#ask('getTokens', () => this.session.getTokens())
  }

  refresh(): Promise<TokenSet | undefined> {
    return this.#ask('refresh', () => this.session.refresh())
  }

  /** A server has refused what it was given last. */
  reject(): Promise<TokenSet | undefined> {
    const rejected = this.#handedOut
    return this.#ask('reject', () => this.session.refresh({ rejected }))
  }

  signIn(): void {
    const tokens = this.#around.server.signIn(this)
    void this.#call('signIn', () => this.session.signIn(tokens))
  }

  signOut(): void {
    void this.#call('signOut', () => this.session.signOut())
  }

  close(): void {
    this.closed = true
    void this.#call('close', () => this.session.close())
  }

  fallSilent(): void {
    this.condition = 'silent'
    this.#around.store.fallSilent(this)
  }

  goOn(): void {
    if (this.condition !== 'silent') return
    this.condition = 'running'
    this.#around.store.goOn(this)
    this.#clock.catchUp()
  }

  async #ask(what: string, ask: () => Promise<TokenSet>): Promise<TokenSet | undefined> {
    const { lineage, opening, status } = inside(this.session)
    const tokens = await this.#call(what, ask)
    if (!tokens) return undefined
    this.#handedOut = tokens
    const state = inside(this.session)
    const got = state.held?.tokens === tokens ? state.held.lineage : undefined
    if (status === 'active' && !opening && got !== undefined && got !== lineage)
      this.#around.evidence.breach(`${this.name}: ${what} of one sign-in got tokens of another`)
    return tokens
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    const call: Call = { what: `${this.name} ${what}`, settled: false }
    this.calls.push(call)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AuthError)) this.#around.evidence.breach(`${call.what}: ${error}`)
      call.outcome = Object(error).code
      return undefined
    } finally {
      call.settled = true
    }
  }
}
