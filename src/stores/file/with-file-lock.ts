import { stat, utimes } from 'node:fs/promises'
import lockfile from 'proper-lockfile'

/** A lock whose holder gives no sign of life for so long is taken over; ms (the least there is). */
const STALE_MS = 2_000
/** How long it is waited for, ms: one that is in use is free within milliseconds, and a dead one after `STALE_MS`. */
const WAIT_MS = 15_000
/** How often it is asked for: in between, at random; ms. */
const RETRY_MS = [5, 30] as const

/**
 * Does the work while no other process does theirs on this file. For moments: nothing is to be waited for under it.
 * It keeps processes from disturbing each other; a process that slept may do its work beside another's.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const release = await acquire(path)
  try {
    return await work()
  } finally {
    // If that fails, it becomes stale.
    await release().catch(() => {})
  }
}

async function acquire(path: string): Promise<() => Promise<void>> {
  for (const started = performance.now(); ; ) {
    try {
      // The file itself need not be there.
      return await lockfile.lock(path, { realpath: false, stale: STALE_MS, update: STALE_MS / 3, onCompromised: () => {} })
    } catch (error) {
      // ENOENT: of several who found it stale, another one has removed the lock that this one had just made.
      if (!['ELOCKED', 'ENOENT'].includes(Object(error).code)) throw error
      await redate(`${path}.lock`)
      if (performance.now() - started > WAIT_MS) {
        throw new Error(`${path}.lock could not be had for ${WAIT_MS} ms`, { cause: error })
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[0] + Math.random() * (RETRY_MS[1] - RETRY_MS[0])))
    }
  }
}

/**
 * A lock from the future was left behind before the clock was turned back, and would not be stale before the clock is
 * there again. It is dated now, not removed: should its holder live after all, it has the time that any holder has.
 */
async function redate(lock: string): Promise<void> {
  try {
    const now = new Date()
    if ((await stat(lock)).mtimeMs > now.getTime() + STALE_MS) await utimes(lock, now, now)
  } catch {
    // It is gone, or somebody else's: it is asked for again anyway.
  }
}
