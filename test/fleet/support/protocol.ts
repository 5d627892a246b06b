import type { SessionEventName } from 'axios-renew'
import type { Where } from './open-store.ts'

/*
 * What a test and the processes of its fleet tell each other.
 */

/** Where it can stop; in the order of a refresh. */
export type Step =
  /** The lock is about to be asked for. */
  | 'lock'
  /** It has the lock; nothing is written. */
  | 'locked'
  /** The intent is written; the token request has not left. */
  | 'claimed'
  /** The answer is here; nothing is written. */
  | 'answered'
  /** The answer is written; nobody in this process knows. */
  | 'written'
  /** All is done but for giving the lock back. */
  | 'release'

/** The one argument of the program, in JSON. */
export interface Setup {
  where: Where
  leaseMs?: number
  tokenEndpoint: string
  clientId: string
  clientSecret: string
  api: string
  /** One session of this account, by `createSession`. Default: a pool. */
  account?: string
  stopAt?: Step
  options?: { refreshTimeoutMs?: number; onStoreFailure?: 'reject' | 'proceed'; maxConcurrentRefreshes?: number }
}

/** What it can be told. It answers each with a report. */
export type Order =
  /** That many requests for each account, all at once. */
  | { do: 'request'; accounts: readonly string[]; times: number }
  /** One request after the other, for one account after the other, until it is told to stop. */
  | { do: 'start traffic'; accounts: readonly string[]; everyMs: number }
  | { do: 'stop traffic' }
  | { do: 'report' }
  | { do: 'sign in'; tokens: object }
  | { do: 'sign out' }

/** An event of the session, and when it was told. */
export interface Noted {
  name: SessionEventName
  account: string
  /** In ms since the epoch. */
  at: number
  adopted?: boolean
  generation: number
  /** Of the error. */
  code?: string
  /** When the lock was asked for, if it was. */
  lockAt?: number
  /** When the answer was about to be written, if this process wrote one. */
  writeAt?: number
}

/** How often requests ended how: by status, or by code of the error. */
export type Outcomes = Record<string, number>

/** What has happened since the last report. */
export interface Report {
  /** Of the requests that were ordered; for any other order, of the traffic. */
  outcomes: Outcomes
  /** What errors said; each once. */
  messages: string[]
  events: Noted[]
  /** Statements that were sent to PostgreSQL, since the start. */
  statements: number
}

export type ToProcess = { id: number; order: Order } | { permit: true }
export type FromProcess = { ready: true } | { step: Step } | { id: number; report: Report }
