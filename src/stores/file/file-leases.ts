import type { LeaseKeeper } from '../shared/lease.ts'
import { Watchers } from '../shared/watchers.ts'
import type { FilePoll } from './file-poll.ts'
import type { JsonFile, Rows } from './json-file.ts'

interface Lease {
  owner: string
  /** When it was taken or renewed; ms since the epoch. */
  from: number
  ms: number
}

/** Leases in a file of their own: renewing one must not write tokens. */
export function fileLeases(file: JsonFile<Lease>, poll: (callback: () => void) => FilePoll): LeaseKeeper {
  const waiting = new Watchers()
  const look = async () => {
    const leases = await file.read()
    for (const account of waiting.accounts()) if (!isHeld(leases.get(account))) waiting.notify(account)
  }
  // What cannot be read now is asked for again by those who wait.
  const polling = poll(() => void look().catch(() => {}))

  /** Takes or renews, if that is allowed to whoever has it now. */
  const grant = (account: string, owner: string, ms: number, mayReplace: (lease: Lease | undefined) => boolean) =>
    file.change((leases) => {
      const granted = mayReplace(leases.get(account))
      if (granted) {
        dropOver(leases)
        leases.set(account, { owner, from: Date.now(), ms })
      }
      return { result: granted, changed: granted }
    })

  return {
    async take(account, owner, ms) {
      const mayTake = (lease: Lease | undefined) => lease?.owner === owner || !isHeld(lease)
      // Most who ask find it busy: that can be seen without disturbing anybody.
      return mayTake((await file.read()).get(account)) && grant(account, owner, ms, mayTake)
    },
    renew: (account, owner, ms) => grant(account, owner, ms, (lease) => lease?.owner === owner),
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
function isHeld(lease: Lease | undefined): boolean {
  return lease !== undefined && Math.abs(Date.now() - lease.from) < lease.ms
}

function dropOver(leases: Rows<Lease>): void {
  for (const [account, lease] of leases) if (!isHeld(lease)) leases.delete(account)
}
