import { type Clock, startTimer } from '../clock.ts'

/** Somebody who wants to make a token request. */
interface Applicant {
  /** How many callers wait for it. */
  readonly waiters: number
}

/** Limits how many token requests of a pool are under way at once. */
export interface Slots {
  /** Waits for a slot; returns what gives it back, which also happens by itself after a while. */
  take(applicant: Applicant): Promise<() => void>
}

/**
 * @param count how many at once.
 * @param holdMs a token request that takes longer gives its slot back, in ms.
 */
export function createSlots(count: number, holdMs: number, clock: Clock): Slots {
  const queue: { applicant: Applicant; enter: () => void }[] = []
  let free = count

  function admit(): void {
    if (free === 0 || queue.length === 0) return
    // Those for whom a request waits go first.
    const urgent = queue.findIndex(({ applicant }) => applicant.waiters > 0)
    const [next] = queue.splice(Math.max(urgent, 0), 1)
    free--
    next?.enter()
  }

  return {
    async take(applicant) {
      await new Promise<void>((enter) => {
        queue.push({ applicant, enter })
        admit()
      })
      let open = true
      const giveBack = () => {
        stop()
        if (!open) return
        open = false
        free++
        admit()
      }
      const stop = startTimer(clock, holdMs, giveBack)
      return giveBack
    },
  }
}
