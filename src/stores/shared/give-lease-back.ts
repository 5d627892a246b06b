import { startTimer, systemClock } from '../../core/clock.ts'
import { within } from '../../core/wait.ts'
import type { LeaseKeeper } from './lease.ts'
import { moment, since } from './moment.ts'

/** How long the store may take for one attempt. */
const ANSWER_MS = 5000
/** Before the second attempt; each pause is twice the last. */
const PAUSE_MS = 250

/**
 * Gives a lease back, and never rejects. Should the first attempt fail, others follow until the lease is over by
 * itself: before that nobody may begin, in this process neither. Nobody waits for those, and no process stays for them.
 */
export function giveBack(keeper: LeaseKeeper, account: string, owner: string, leaseMs: number): Promise<void> {
  const started = moment()
  return attempt(PAUSE_MS)

  async function attempt(pauseMs: number): Promise<void> {
    try {
      await within(keeper.release(account, owner), ANSWER_MS, systemClock, () => new Error('no answer'))
    } catch {
      if (since(started) + pauseMs < leaseMs) startTimer(systemClock, pauseMs, () => void attempt(2 * pauseMs))
    }
  }
}
