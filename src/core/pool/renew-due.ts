import { checkOptions, expectType } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { ignore, onAbort, quietly, throwIfAborted, unlessAborted } from '../wait.ts'
import { dueIn } from './due-accounts.ts'
import { createRenewal } from './renew-account.ts'
import type { Register } from './session-register.ts'

/** What {@link SessionPool.renewDue} is to do. */
export interface RenewDueOptions {
  /** Refresh what expires within this time, in ms. Accounts whose tokens have no known expiry are left alone. */
  withinMs: number
  /** The accounts to look at. Default: those that the `store` says are due. */
  accounts?: Iterable<string | number> | AsyncIterable<string | number>
  /** Accounts that are worked on at once. Default, and at most: `maxConcurrentRefreshes`. */
  concurrency?: number
  /** Ends the run; refreshes under way are finished and saved. */
  signal?: AbortSignal
  /** Called after every account, with the report so far. */
  onProgress?: (report: RenewReport) => void
}

/** What came of a run of {@link SessionPool.renewDue}. */
export interface RenewReport {
  /** Accounts that were looked at. */
  examined: number
  /** Accounts that were refreshed in this run. */
  renewed: number
  /** Accounts that another worker, or a request, had refreshed meanwhile. */
  adopted: number
  /** Accounts whose users must sign in again. */
  ended: string[]
  /** Accounts that could not be refreshed now, and why. */
  failed: {
    /** Whose tokens they are. */
    account: string
    /** Why; its `code` tells what to do. */
    error: AuthError
  }[]
  /** Why the run was stopped before the last account, if so. */
  stopped?: AuthError
}

/** `pool.renewDue` */
export async function renewDue(register: Register, options: RenewDueOptions, mostAtOnce: number): Promise<RenewReport> {
  const {
    withinMs,
    accounts,
    concurrency = mostAtOnce,
    signal,
    onProgress,
  } = checkOptions('pool.renewDue', options, {
    withinMs: 'number!',
    accounts: 'object|array',
    concurrency: 'number',
    signal: 'object',
    onProgress: 'function',
  })
  if (concurrency < 1) throw new TypeError(`pool.renewDue: option 'concurrency': expected at least 1, got ${concurrency}`)
  // More would wait for their turn under the locks of their accounts, and be given up though they get it.
  const atOnce = Math.min(concurrency, mostAtOnce)
  const { store, clock } = register.config
  const horizon = clock.now() + withinMs
  const source = accounts ?? dueIn(store, horizon, clock)
  if (!source) throw new TypeError("pool.renewDue: expected option 'accounts', as there is no store that could tell which are due")
  throwIfAborted(signal)

  const { report, pause, end, stop, renewIfDue } = createRenewal(register, horizon)
  const seen = new Set<string>()
  const running = new Set<Promise<void>>()

  async function walk(): Promise<void> {
    for await (const given of source as AsyncIterable<string | number>) {
      expectType('pool.renewDue: an account', given, 'string|number')
      const account = String(given)
      if (seen.has(account)) continue
      seen.add(account)
      if (running.size >= atOnce) await Promise.race(running)
      await pause.over()
      if (end.aborted) return
      const work = examine(account).finally(() => running.delete(work))
      running.add(work)
    }
  }

  async function examine(account: string): Promise<void> {
    const state = register.visit(account)
    await renewIfDue(state)
    await register.leave(state)
    report.examined++
    // A display that fails must not stop the run, nor one that freezes what it is given.
    quietly(() => onProgress?.({ ...report }))
  }

  async function run(): Promise<RenewReport> {
    const stopListening = [
      onAbort(register.closing.signal, () => stop(new RefreshFailedError('The pool is closed'))),
      signal && onAbort(signal, () => stop()),
    ]
    const walking = walk()
    walking.catch(ignore)
    try {
      // When the run has ended, the list may still take its time.
      await Promise.race([walking, new Promise<void>((resolve) => onAbort(end, resolve))])
    } finally {
      await Promise.all(running)
      for (const stop of stopListening) stop?.()
    }
    return report
  }
  const result = run()
  result.catch(ignore)
  return unlessAborted(result, signal)
}
