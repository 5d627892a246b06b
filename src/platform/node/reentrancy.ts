import { AsyncLocalStorage } from 'node:async_hooks'
import { AuthError } from '../../core/errors/auth-error.ts'

/** A session, as far as waiting for each other is concerned. */
interface Participant {
  readonly account?: string
}

/** Follows everything that a user's callback starts, until the callback settles. */
interface Mark {
  readonly participant: Participant
  readonly outer: Mark | undefined
  alive: boolean
}

/** Which callbacks run; one for the ESM and the CommonJS copy of this package, and nobody's tokens are in it. */
interface Register {
  storage: AsyncLocalStorage<Mark>
  /** Callbacks under way. While there are none, promises cost what they cost without this module. */
  open: number
  /** Which sessions the callbacks of a session are waiting for. */
  waits: WeakMap<Participant, Set<Participant>>
}

const REGISTER = Symbol.for('axios-renew.callbacks')
const shared = globalThis as { [REGISTER]?: Register }
shared[REGISTER] ??= { storage: new AsyncLocalStorage<Mark>(), open: 0, waits: new WeakMap() }
const register = shared[REGISTER]

/**
 * Calls a callback of the user (`refresh`, `load`, `save`, `authorize` ...) and marks what runs in it,
 * so that waiting for its own session from inside is an error at once and not a dead-lock.
 */
export function marked<T>(participant: Participant, callback: () => T): T {
  const mark: Mark = { participant, outer: liveMark(), alive: true }
  const over = () => {
    mark.alive = false
    register.open--
    if (register.open === 0) register.storage.disable()
  }
  register.open++
  let result: T
  try {
    result = register.storage.run(mark, callback)
  } catch (error) {
    over()
    throw error
  }
  if (result instanceof Promise) result.then(over, over)
  else over()
  return result
}

/** Throws if the caller runs inside a callback of this session. */
export function assertOutside(participant: Participant): void {
  for (let mark = liveMark(); mark; mark = mark.outer) {
    if (mark.alive && mark.participant === participant) throw reentrant(participant)
  }
}

/** Waits for a session's shared work, unless that work waits, directly or not, for the caller. */
export function waitFor<T>(participant: Participant, work: Promise<T>): Promise<T> {
  const waiter = liveMark()?.participant
  if (!waiter) return work
  if (reaches(participant, waiter)) return Promise.reject(reentrant(participant))
  const awaited = register.waits.get(waiter) ?? new Set()
  register.waits.set(waiter, awaited.add(participant))
  return work.finally(() => awaited.delete(participant))
}

/** The innermost callback the caller runs in that has not settled. */
function liveMark(): Mark | undefined {
  let mark = register.open === 0 ? undefined : register.storage.getStore()
  while (mark && !mark.alive) mark = mark.outer
  return mark
}

function reaches(from: Participant, to: Participant, seen = new Set<Participant>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return [...(register.waits.get(from) ?? [])].some((next) => reaches(next, to, seen))
}

function reentrant({ account }: Participant): AuthError {
  return new AuthError(
    'ERR_REENTRANT_REFRESH',
    `A callback of the session of account ${JSON.stringify(account)} (refresh, load, save, authorize ...) uses that session and would wait for itself: ` +
      'use a client without the session there, or renew: { skip: true }',
  )
}
