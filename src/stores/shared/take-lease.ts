import { startTimer, systemClock } from '../../core/clock.ts'
import { leavable, onAbort, throwIfAborted } from '../../core/wait.ts'
import { giveBack } from './give-lease-back.ts'
import type { LeaseKeeper } from './lease.ts'

/** How long the store may take for an answer, however short the wait, and for one that nobody waits for any more. */
const ANSWER_MS = 5000

/** Takes the lease, and rejects when the store is silent; what is granted all the same is given back. */
export async function takeLease(
  keeper: LeaseKeeper,
  account: string,
  owner: string,
  leaseMs: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const taking = keeper.take(account, owner, leaseMs)
  try {
    return await answered(taking, Math.max(ANSWER_MS, waitMs), signal)
  } catch (error) {
    const release = () => void giveBack(keeper, account, owner, leaseMs)
    // The answer may be lost and the lease taken; or it comes late, and the lease is taken only then.
    release()
    taking.then(
      (taken) => taken && release(),
      (late) => late !== error && release(),
    )
    throwIfAborted(signal)
    throw error
  }
}

/** Whoever leaves still waits for some seconds, to leave nothing behind: after that the store may be closed. */
function answered<T>(answer: Promise<T>, patienceMs: number, signal: AbortSignal): Promise<T> {
  return leavable(answer, (leave) => {
    const giveUp = () => {
      stop()
      leave(new Error('The store does not answer'))
    }
    let stopTimer = startTimer(systemClock, patienceMs, giveUp, true)
    const stopListening = onAbort(signal, () => {
      stopTimer()
      stopTimer = startTimer(systemClock, ANSWER_MS, giveUp, true)
    })
    const stop = () => {
      stopTimer()
      stopListening()
    }
    return stop
  })
}
