import { createSession, type Session, type TokenSet } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/testing/settle.ts'
import { fail, TokenServer } from '../../support/token-server.ts'

/** What may happen next. */
type Step =
  | { do: 'get' | 'refresh' | 'reject-current' | 'reject-old' | 'sign-in' | 'sign-out' | 'close' }
  | { do: 'abort' | 'answer' | 'lose' | 'break' | 'finish-save' | 'fail-save'; which: number }
  | { do: 'wait'; ms: number }

const pick = fc.nat({ max: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: 'get' }, { do: 'refresh' }, { do: 'reject-current' }, { do: 'reject-old' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'sign-in' }, { do: 'sign-out' }) },
  { weight: 5, arbitrary: pick.map((which): Step => ({ do: 'answer', which })) },
  { weight: 4, arbitrary: pick.map((which): Step => ({ do: 'finish-save', which })) },
  { weight: 1, arbitrary: pick.map((which): Step => ({ do: 'fail-save', which })) },
  { weight: 1, arbitrary: pick.map((which): Step => ({ do: 'lose', which })) },
  { weight: 1, arbitrary: pick.map((which): Step => ({ do: 'break', which })) },
  { weight: 1, arbitrary: pick.map((which): Step => ({ do: 'abort', which })) },
  { weight: 2, arbitrary: fc.constantFrom(10, 1000, 5000, 30_000, 61_000, 3600_000).map((ms): Step => ({ do: 'wait', ms })) },
)

/** A session whose server and storage do nothing until a step says so. */
class World {
  readonly server = new TokenServer()
  readonly clock = fakeClock()
  readonly waiters: { settled: boolean; controller: AbortController }[] = []
  readonly handedOut: TokenSet[] = []
  readonly saves: { overran: boolean; settle: (error?: Error) => void }[] = []
  /** What the storage holds. */
  stored: TokenSet | null = null
  savesOverlapped = false
  /** Everything works at once. */
  calm = false
  /** The refresh tokens of sign-ins, which the server in memory does not know. */
  readonly foreign: string[] = []
  readonly session: Session
  #signIns = 0

  constructor() {
    this.server.hold = true
    this.session = createSession({
      clock: this.clock,
      tokens: this.server.firstPair,
      load: () => this.stored,
      refresh: async (tokens, context) => {
        if (this.foreign.includes(String(tokens.refreshToken))) return fail(503)
        return this.server.refresh(tokens, context)
      },
      save: (tokens) => this.#save(tokens),
    })
    this.session.on('save-failed', ({ error }) => {
      const last = this.saves.at(-1)
      if (last && String(error.cause).includes('took longer')) last.overran = true
    })
  }

  async #save(tokens: TokenSet | null): Promise<void> {
    // A save may begin beside another one only if that has overrun its time.
    if (this.saves.some(({ overran }) => !overran)) this.savesOverlapped = true
    if (this.calm) {
      this.stored = tokens
      return
    }
    await new Promise<void>((resolve, reject) => {
      this.saves.push({
        overran: false,
        settle: (error) => {
          if (error) return reject(error)
          this.stored = tokens
          resolve()
        },
      })
    })
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'wait') await this.clock.advance(next.ms)
    else if ('which' in next) this.#intervene(next)
    else this.#use(next.do)
    await settle()
    expect(this.savesOverlapped).toBe(false)
    expect(this.server.mostAtOnce, 'token requests at once').toBeLessThanOrEqual(1)
    expect(this.server.sentTwice, 'refresh tokens sent twice').toEqual([])
  }

  #use(what: string): void {
    const { session, handedOut } = this
    if (what === 'get') this.#follow((signal) => session.getTokens({ signal }))
    else if (what === 'refresh') this.#follow((signal) => session.refresh({ signal }))
    else if (what === 'reject-current') this.#follow((signal) => session.refresh({ signal, rejected: handedOut.at(-1) }))
    else if (what === 'reject-old') this.#follow((signal) => session.refresh({ signal, rejected: handedOut[0] }))
    else if (what === 'sign-out') this.#follow(() => session.signOut())
    else if (what === 'sign-in') {
      const name = `s${++this.#signIns}`
      this.foreign.push(name)
      this.#follow(() => session.signIn({ access_token: `of ${name}`, refresh_token: name, expires_in: 3600 }))
    }
  }

  #follow(call: (signal: AbortSignal) => Promise<unknown>): void {
    const waiter = { settled: false, controller: new AbortController() }
    this.waiters.push(waiter)
    call(waiter.controller.signal)
      .then(
        (tokens) => tokens && this.handedOut.push(tokens as TokenSet),
        () => {},
      )
      .finally(() => {
        waiter.settled = true
      })
  }

  #intervene({ do: what, which }: { do: string; which: number }): void {
    const at = <T>(list: T[]): T | undefined => (list.length > 0 ? list.splice(which % list.length, 1)[0] : undefined)
    if (what === 'answer') at(this.server.pending)?.answer()
    else if (what === 'break') at(this.server.pending)?.fail(new Error('reset'))
    else if (what === 'lose') this.server.pending.splice(which % Math.max(1, this.server.pending.length), 1)
    else if (what === 'finish-save') at(this.saves)?.settle()
    else if (what === 'fail-save') at(this.saves)?.settle(new Error('disk full'))
    else this.waiters[which % Math.max(1, this.waiters.length)]?.controller.abort()
  }

  /** Lets everything work again, and time pass until nothing is left to do. */
  async calmDown(): Promise<void> {
    this.calm = true
    this.server.hold = false
    for (const pending of this.server.pending.splice(0)) pending.answer()
    for (const save of this.saves.splice(0)) save.settle()
    for (let i = 0; i < 5; i++) await this.clock.advance(61_000)
  }
}

describe('any order of requests, late 401s, aborts, sign-ins, sign-outs, answers and saves', () => {
  test('sends no refresh token twice, leaves nobody waiting, and the newest state is what is saved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const world = new World()
        for (const next of steps) await world.take(next)
        await world.calmDown()
        expect(world.waiters.filter(({ settled }) => !settled)).toEqual([])
        const { status } = world.session.getSnapshot()
        if (status === 'signed-out') expect(world.stored).toBeNull()
        if (status === 'active') {
          const current = await world.session.getTokens().catch(() => undefined)
          if (current) expect(world.stored).toEqual({ ...current })
        }
        // Only a lost answer may cost the grant: the token that it spent is tried once more.
        if (world.server.unanswered.size === 0) expect(world.server.revoked).toBe(false)
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    )
  }, 120_000)
})
