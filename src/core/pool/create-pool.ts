import { expectType } from '../check-options.ts'
import { hide } from '../errors/auth-error.ts'
import type { SessionConfig, SessionOptions } from '../session/config.ts'
import { type EventSource, on, type SessionEventName, type SessionEvents } from '../session/events.ts'
import { readOptions } from '../session/read-options.ts'
import { createHandle, type Session } from '../session/session-handle.ts'
import { close } from '../session/sign-in.ts'
import { type RenewDueOptions, type RenewReport, renewDue } from './renew-due.ts'
import { createRegister, REGISTER } from './session-register.ts'
import { createSlots } from './token-request-slots.ts'

/** The options of {@link createSessionPool}: those of a session, for every account, and two more. */
export interface SessionPoolOptions extends Omit<SessionOptions, 'tokens' | 'account'> {
  /**
   * Idle sessions that are kept in memory; of more, the least recently used are let go, and read again when they are
   * needed. Never one with a refresh under way, an unsaved pair or listeners, and none at all without a `store` (or `load` and
   * `save`) to read from. Default 10 000.
   */
  maxIdleSessions?: number
  /** Token requests that are under way at once, at most. Those that requests wait for go first. Default 10. */
  maxConcurrentRefreshes?: number
}

/** The sessions of many accounts. Make one with {@link createSessionPool}. */
export interface SessionPool {
  /** The session of an account; all handles of an account share one. A number is turned into a string. */
  session(account: string | number): Session
  /**
   * Refreshes the tokens of all accounts that expire soon, so that idle ones are not lost: the nightly job of an
   * integrator. Each account once a run, and once by several workers that run at the same time over one store. Pauses when the
   * server says 429 or 503, or sends `Retry-After`; stops when the server refuses five accounts, or the client, without a success in between: that
   * is rather a wrong deployment.
   *
   * Rejects with the signal's reason when it aborts (refreshes under way are finished and saved), and with
   * what the list of accounts throws; `ERR_STORE_UNAVAILABLE` when the `store` does not name the next account within five minutes.
   * What goes wrong with one account is in the report. `close` ends it: the report says so.
   */
  renewDue(options: RenewDueOptions): Promise<RenewReport>
  /** Listens to an event of all sessions; returns what stops that. */
  on<Name extends SessionEventName>(event: Name, listener: (event: SessionEvents[Name]) => void): () => void
  /** Starts no new work. Settles when running refreshes are saved and nothing is unsaved, or after `refreshTimeoutMs`. */
  close(): Promise<void>
}

/**
 * Makes a pool: one session an account, made when it is needed and let go when it is idle.
 *
 * @throws TypeError for a wrong or unknown option: it says what was expected and what was got.
 *
 * @example
 * const pool = createSessionPool({ ...mercadoPago({ clientId, clientSecret }), store: redisStore(redis) })
 * attach(api, pool)
 * await api.get('/v1/payments/1', { renew: { account: sellerId } })
 */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const {
    maxIdleSessions = 10_000,
    maxConcurrentRefreshes = 10,
    ...common
  } = readOptions('createSessionPool', options, { maxIdleSessions: 'number', maxConcurrentRefreshes: 'number' })
  if (!(maxConcurrentRefreshes >= 1))
    throw new TypeError(`createSessionPool: option 'maxConcurrentRefreshes': expected at least 1, got ${maxConcurrentRefreshes}`)
  const everyone: EventSource = { listeners: [] }
  const slots = createSlots(maxConcurrentRefreshes, common.refreshTimeoutMs, common.clock)
  const config: SessionConfig = { ...common, pool: { everyone, slots } }
  const register = createRegister(config, everyone, maxIdleSessions)
  const pool: SessionPool = {
    session(account) {
      expectType('pool.session', account, 'string|number')
      const name = String(account)
      return createHandle(name, () => register.get(name))
    },
    renewDue: (wanted) => renewDue(register, wanted, maxConcurrentRefreshes),
    on: (event, listener) => on(everyone, 'pool', event, listener),
    async close() {
      register.closing.abort()
      await Promise.all([...register.all()].map(close))
    },
  }
  hide(pool, REGISTER, register)
  return pool
}
