import { StoreError } from '../../core/errors/store-error.ts'
import type { Lease, LockOptions } from '../../core/store/token-store.ts'
import { ignore, onAbort, throwIfAborted } from '../../core/wait.ts'
import { Bell } from './bell.ts'
import { giveBack } from './give-lease-back.ts'
import { type Moment, moment, since } from './moment.ts'
import { randomName } from './random-name.ts'
import { takeLease } from './take-lease.ts'

/** How a store keeps leases. Each call is one step at the store, and may reject when it cannot be reached. */
export interface LeaseKeeper {
  /** Takes the lease, or prolongs it if this owner has it; `false`: somebody else has it. */
  take(account: string, owner: string, leaseMs: number): Promise<boolean>
  /** Prolongs it; `false`: this owner does not have it any more. */
  renew(account: string, owner: string, leaseMs: number): Promise<boolean>
  /** Gives it back, if this owner has it. */
  release(account: string, owner: string): Promise<void>
  /** Calls back when the lease may have become free; polling is the net. Returns what stops that. */
  onFree?(account: string, callback: () => void): () => void
  /**
   * How often a busy lease is asked for all the same, between these two, in ms. Default: 500 and 1500.
   * A keeper whose `onFree` is sure, also of leases that just run out, spares its store these questions.
   */
  readonly pollMs?: readonly [number, number]
}

/** How often a busy lease is asked for, unless the keeper says otherwise: in between, at random. */
const POLL_MS = [500, 1500] as const
/** Those who watch leave first: so the lock is not passed along a queue of people who need it no more. */
const COURTESY_MS = [10, 60] as const
/** What is added to the time that callers wait, by default. */
const MARGIN_MS = 15_000
/** No lease is longer, in ms: timers that are would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** `TokenStore.lock` on leases: a lock that a holder who died, or fell silent, loses. */
export async function withLease<T>(
  keeper: LeaseKeeper,
  account: string,
  work: (lease: Lease) => Promise<T>,
  { waitMs, signal }: LockOptions,
  wantedMs = waitMs + MARGIN_MS,
): Promise<T> {
  const leaseMs = Math.min(wantedMs, LONGEST_MS)
  const held = await acquire(keeper, account, leaseMs, waitMs, signal)
  const stopRenewal = keepAlive(held, keeper, account, leaseMs)
  try {
    return await work(held)
  } finally {
    stopRenewal()
    await giveBack(keeper, account, held.owner, leaseMs)
  }
}

/** A lease as its holder sees it. */
class HeldLease implements Lease {
  readonly owner = randomName()
  readonly #controller = new AbortController()
  readonly #leaseMs: number
  /** Since before the store was asked: what it grants counts from later. */
  #since = moment()

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs
  }

  /** Aborted also when no timer could run since the lease was over: the process may have been suspended. */
  get signal(): AbortSignal {
    if (this.silentMs >= this.#leaseMs) this.lose()
    return this.#controller.signal
  }

  /** For how long the store has not been heard of; in ms. */
  get silentMs(): number {
    return since(this.#since)
  }

  prolong(from: Moment): void {
    // Answers may come in another order than they were asked for.
    if (since(from) < this.silentMs) this.#since = from
  }

  lose(): void {
    if (!this.#controller.signal.aborted)
      this.#controller.abort(
        new StoreError('ERR_LOCK_TIMEOUT', 'The lock was held in silence for too long, and may have passed to another'),
      )
  }
}

async function acquire(keeper: LeaseKeeper, account: string, leaseMs: number, waitMs: number, signal: AbortSignal): Promise<HeldLease> {
  const started = moment()
  const bell = new Bell()
  let stopListening: (() => void) | undefined
  const stopRinging = onAbort(signal, bell.ring)
  try {
    for (;;) {
      throwIfAborted(signal)
      const held = new HeldLease(leaseMs)
      const taken = await takeLease(keeper, account, held.owner, leaseMs, waitMs - since(started), signal)
      if (taken && !signal.aborted && !held.signal.aborted) return held
      if (taken) await giveBack(keeper, account, held.owner, leaseMs)
      throwIfAborted(signal)
      const left = waitMs - since(started)
      if (left <= 0) throw busy(account, waitMs)
      if (!stopListening && keeper.onFree) {
        // Most leases are free: only who must wait listens, and asks once more for what was given back before that.
        stopListening = keeper.onFree(account, () => setTimeout(bell.ring, between(COURTESY_MS)))
        continue
      }
      await bell.wait(Math.min(left, between(keeper.pollMs ?? POLL_MS)))
    }
  } finally {
    stopRinging()
    stopListening?.()
  }
}

/** Renews at a third of the lease, and again soon where no answer comes; returns what stops that. */
function keepAlive(held: HeldLease, keeper: LeaseKeeper, account: string, leaseMs: number): () => void {
  const soonMs = leaseMs / 8
  let stopped = false
  let timer: ReturnType<typeof setTimeout>
  const schedule = (ms: number, then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(then, ms)
    ;(timer as { unref?: () => void }).unref?.()
  }
  const renew = () => {
    const asked = moment()
    // An answer may be lost, or an error: there is time for some more questions before the lease is over.
    schedule(soonMs, () => held.signal.aborted || renew())
    keeper.renew(account, held.owner, leaseMs).then((renewed) => {
      if (stopped) return
      if (!renewed) return held.lose()
      // Also one that comes late: it is granted since it was asked for.
      held.prolong(asked)
      rest()
    }, ignore)
  }
  /** Unless it is short: whose store is slow is better off with the next question on its way. */
  const rest = () => {
    const ms = leaseMs / 3 - held.silentMs
    if (ms > soonMs) schedule(ms, renew)
  }
  schedule(leaseMs / 3 - held.silentMs, renew)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function between([from, to]: readonly [number, number]): number {
  return from + Math.random() * (to - from)
}

/** The error of `lock` for whoever has waited long enough. */
export function busy(account: string, waitMs: number): StoreError {
  return new StoreError('ERR_LOCK_TIMEOUT', `The lock of account ${JSON.stringify(account)} was busy for ${waitMs} ms`)
}
