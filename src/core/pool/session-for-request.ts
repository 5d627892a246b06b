import type { SessionConfig } from '../session/config.ts'
import { emit, tell } from '../session/events.ts'
import { insideOf, type Session } from '../session/session-handle.ts'
import type { SessionState } from '../session/state.ts'
import type { SessionPool } from './create-pool.ts'
import { registerOf } from './session-register.ts'

/** Whose tokens the requests of a client get: those of one session, or of the account that each request names. */
export interface Target {
  readonly config: SessionConfig
  /** The same for everything that stands for the same sessions. */
  readonly identity: string | object
  /** The session for a request. Throws a TypeError for an account that it cannot have. */
  session(account: string | number | undefined): SessionState
  /** Tells that a request goes without a token. */
  withheld(reason: 'origin' | 'own-credentials', account: string | number | undefined): void
}

/**
 * @param where the function's name, for messages.
 * @throws TypeError when it is neither a session nor a pool.
 */
export function targetFor(value: Session | SessionPool, where: string): Target {
  const register = registerOf(value)
  if (register) {
    return {
      config: register.config,
      identity: register,
      session(account) {
        if (account === undefined)
          throw new TypeError('renew.account: expected whose tokens this request gets, as a pool is attached; got undefined')
        return register.get(String(account))
      },
      withheld(reason, account = '') {
        const { pool } = register.config
        if (pool) tell(pool.everyone, 'withheld', { account: String(account), generation: 0, reason })
      },
    }
  }
  const current = insideOf(value)
  if (!current) throw new TypeError(`${where}: expected a session made by createSession, or a pool made by createSessionPool`)
  const own = value as Session
  return {
    config: current().config,
    identity: current,
    session(account = own.account) {
      if (String(account) === own.account) return current()
      throw new TypeError(`renew.account: expected '${own.account}', the account of this session, got '${account}'`)
    },
    withheld: (reason) => emit(current(), 'withheld', { reason }),
  }
}
