import type { LeaseKeeper } from '../shared/lease.ts'
import { Sightings, type VisibleLease } from '../shared/lease-sightings.ts'
import { Watchers } from '../shared/watchers.ts'
import type { FilePoll } from './file-poll.ts'
import type { JsonFile, Rows } from './json-file.ts'

interface Lease extends VisibleLease {
  /** The process of its owner. */
  pid: number
}

/**
 * Leases in a file of their own: renewing one must not write tokens.
 *
 * @param poll calls back when the file has changed, and at each look.
 */
export function fileLeases(file: JsonFile<Lease>, poll: (onChange: () => Promise<void>, onLook: () => void) => FilePoll): LeaseKeeper {
  const waiting = new Watchers()
  const sightings = new Sightings()
  let latest: Rows<Lease> = new Map()

  const isFree = (account: string, lease: Lease | undefined) => {
    if (!lease) return true
    // Watched before it is over, too: so it passes on as soon as it is.
    const isStale = sightings.isStale(account, lease)
    return isOver(lease) && (isStale || !isRunning(lease.pid))
  }
  const tell = () => {
    for (const account of waiting.accounts()) if (isFree(account, latest.get(account))) waiting.notify(account)
  }
  const read = async () => {
    latest = await file.read()
    return latest
  }
  const polling = poll(async () => {
    await read()
    tell()
  }, tell)

  /** Takes or renews, if that is allowed to whoever has it now. */
  const grant = (account: string, owner: string, leaseMs: number, mayReplace: (lease: Lease | undefined) => boolean) =>
    file.change((leases) => {
      const granted = mayReplace(leases.get(account))
      if (granted) {
        dropOver(leases)
        leases.set(account, { owner, since: Date.now(), leaseMs, pid: process.pid })
      }
      return { result: granted, changed: granted }
    })

  return {
    async take(account, owner, leaseMs) {
      const mayTake = (lease: Lease | undefined) => lease?.owner === owner || isFree(account, lease)
      // Most who ask find it busy: that can be seen without disturbing anybody.
      const taken = mayTake((await read()).get(account)) && (await grant(account, owner, leaseMs, mayTake))
      if (taken) sightings.forget(account)
      return taken
    },
    renew: (account, owner, leaseMs) => grant(account, owner, leaseMs, (lease) => lease?.owner === owner),
    async release(account, owner) {
      await file.change((leases) => {
        const changed = leases.get(account)?.owner === owner && leases.delete(account)
        return { result: undefined, changed }
      })
      waiting.notify(account)
    },
    onFree(account, callback) {
      const stop = waiting.add(account, callback)
      polling.start()
      return () => {
        stop()
        if (waiting.size === 0) polling.stop()
      }
    },
  }
}

/** One that lies far ahead is over, too: the clock was turned back, and nobody should wait until it is there again. */
function isOver({ since, leaseMs }: Lease): boolean {
  return Math.abs(Date.now() - since) >= leaseMs
}

/** Whether there is such a process on this machine: that of a holder, or one that got its number after it. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return Object(error).code !== 'ESRCH'
  }
}

/** Those that are merely silent stay: their holders may be about to renew. */
function dropOver(leases: Rows<Lease>): void {
  for (const [account, lease] of leases) if (isOver(lease) && !isRunning(lease.pid)) leases.delete(account)
}
