import { ignore } from '../wait.ts'
import type { Held } from './state.ts'

/** One refresh that any number of callers share. */
export interface Flight {
  /** What the callers wait for. It may be rejected (too slow, signed out) while the refresh goes on. */
  readonly promise: Promise<Held>
  resolve(held: Held): void
  reject(error: unknown): void
  /** From now on something else bounds the wait. */
  stopTimer(): void
  /** The sign-in it belongs to. */
  readonly lineage: string
  readonly startedAt: number
  /** What was held when it began. */
  readonly replaces: Held | undefined
  /** How many callers have joined. */
  waiters: number
  /** When the first of them did. */
  joinedAt?: number
  /** While it waits for a lock: gives that up. */
  leave?: (reason: unknown) => void
  /** Gives the slot of the pool back: its token request is over. */
  giveBack?: () => void
  /** It is looking what is stored. */
  looking?: boolean
  /** When the token request left; absent before, and when it was refused. */
  sentAt?: number
  /** For those who can do without: settles with the refresh, or after 5 s. */
  patience?: Promise<unknown>
}

export function createFlight(lineage: string, startedAt: number, replaces: Held | undefined): Flight {
  const flight = { lineage, startedAt, replaces, waiters: 0, stopTimer: ignore } as { -readonly [Key in keyof Flight]: Flight[Key] }
  flight.promise = new Promise((resolve, reject) => {
    flight.resolve = resolve
    flight.reject = reject
  })
  // Nobody may be waiting when it fails.
  flight.promise.catch(ignore)
  return flight
}
