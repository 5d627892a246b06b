import { checkOptions } from '../check-options.ts'
import type { AuthError } from '../errors/auth-error.ts'
import { RefreshFailedError } from '../errors/refresh-failed-error.ts'
import { SessionEndedError } from '../errors/session-ended-error.ts'
import { present } from '../session/sign-in.ts'
import { isRefreshable, renew } from '../session/single-flight.ts'
import type { Held, SessionState } from '../session/state.ts'
import { ignore, unlessAborted } from '../wait.ts'
import { createPause } from './pause.ts'
import type { Register } from './register.ts'

/** What {@link SessionPool.renewDue} is to do. */
export interface RenewDueOptions {
  /** Refresh what expires within this time, in ms. Accounts whose tokens have no known expiry are left alone. */
  withinMs: number
  /** The accounts to look at. Default: those that the `store` says are due. */
  accounts?: Iterable<string | number> | AsyncIterable<string | number>
  /** Accounts that are worked on at once. Default: `maxConcurrentRefreshes`. */
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
  failed: { account: string; error: AuthError }[]
  /** Why the run was stopped before the last account, if so. */
  stopped?: AuthError
}

/** So many refusals of different accounts without a success in between tell of a wrong deployment. */
const REFUSALS = 5
/** How often an account is tried whose token request was turned away because of too many. */
const ATTEMPTS = 3

/** `pool.renewDue` */
export async function renewDue(register: Register, options: RenewDueOptions, usualConcurrency: number): Promise<RenewReport> {
  const {
    withinMs,
    accounts,
    concurrency = usualConcurrency,
    signal,
    onProgress,
  } = checkOptions('pool.renewDue', options, {
    withinMs: 'number!',
    accounts: 'object|array',
    concurrency: 'number',
    signal: 'object',
    onProgress: 'function',
  })
  const { store, clock } = register.config
  const startedAt = clock.now()
  const horizon = startedAt + withinMs
  const source = accounts ?? store?.due?.(horizon)
  if (!source) throw new TypeError("pool.renewDue: expected option 'accounts', as there is no store that could tell which are due")
  signal?.throwIfAborted()

  const report: RenewReport = { examined: 0, renewed: 0, adopted: 0, ended: [], failed: [] }
  const pause = createPause(clock, signal)
  const seen = new Set<string>()
  let refusals = 0
  const over = () => Boolean(signal?.aborted || report.stopped || register.closed)

  async function examine(account: string): Promise<void> {
    const state = register.get(account)
    try {
      await renewIfDue(state)
    } catch (error) {
      count(account, error as AuthError)
    } finally {
      register.dismiss(state)
    }
    report.examined++
    try {
      onProgress?.(report)
    } catch {
      // A display that fails must not stop the run.
    }
  }

  async function renewIfDue(state: SessionState): Promise<void> {
    await present(state)
    const { held, status } = state
    if (status === 'ended') report.ended.push(state.account)
    if (status !== 'active' || !held || !expires(held)) return
    if (held.tokens.issuedAt && held.tokens.issuedAt > startedAt) {
      // Another worker has just been here.
      report.adopted++
      return
    }
    if (!isRefreshable(state, held))
      throw new RefreshFailedError('There is no refresh token: the user must sign in again before the access token expires')
    for (let attempt = 1; ; attempt++) {
      await pause.over()
      if (over()) return
      try {
        const fresh = await renew(state)
        refusals = 0
        pause.reset()
        if (fresh.adopted) report.adopted++
        else report.renewed++
        return
      } catch (error) {
        if (!pause.begin(error as AuthError) || attempt === ATTEMPTS) throw error
      }
    }
  }

  function expires({ tokens: { expiresAt, accessToken } }: Held): boolean {
    return !accessToken || (expiresAt !== undefined && expiresAt < horizon)
  }

  function count(account: string, error: AuthError): void {
    if (error instanceof SessionEndedError) report.ended.push(account)
    else report.failed.push({ account, error })
    if (!(error instanceof SessionEndedError) && error.code !== 'ERR_CLIENT_REJECTED') return
    refusals++
    if (refusals < REFUSALS) return
    const message = `The server refused ${REFUSALS} accounts one after another: is this the right client, and the right store?`
    report.stopped ??= new RefreshFailedError(message, { code: 'ERR_CLIENT_REJECTED', cause: error })
  }

  const running = new Set<Promise<void>>()
  async function walk(): Promise<RenewReport> {
    for await (const given of source as AsyncIterable<string | number>) {
      const account = String(given)
      if (seen.has(account)) continue
      seen.add(account)
      if (running.size >= concurrency) await Promise.race(running)
      await pause.over()
      if (over()) break
      const work = examine(account).finally(() => running.delete(work))
      running.add(work)
    }
    await Promise.all(running)
    return report
  }
  const walking = walk()
  walking.catch(ignore)
  return unlessAborted(walking, signal)
}
