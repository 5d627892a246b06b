/** A lease as it stands where everybody sees it. */
export interface VisibleLease {
  owner: string
  /** When it was taken or renewed; ms since the epoch. */
  since: number
  leaseMs: number
}

interface Sighting {
  owner: string
  since: number
  /** For how long it was watched, in ms; without the time in which nobody could look. */
  watchedMs: number
  /** When it was looked at last, by a clock that nobody sets. */
  at: number
}

/** Looks that are further apart than this count as if they were not, in ms: this process may have slept in between. */
const LONGEST_LOOK_MS = 2000

/** How long leases were seen to stand unchanged. */
export class Sightings {
  readonly #seen = new Map<string, Sighting>()

  /**
   * Looks at a lease: whether it was seen unchanged for half of its length, which is longer than renewing takes. The
   * clock of the machine alone does not say that a holder is silent: it jumps when it is set, and when a laptop wakes
   * up, and then the holder deserves the time to renew.
   */
  isStale(account: string, { owner, since, leaseMs }: VisibleLease): boolean {
    const at = performance.now()
    let seen = this.#seen.get(account)
    if (seen?.owner !== owner || seen.since !== since) seen = { owner, since, watchedMs: 0, at }
    const watchedMs = seen.watchedMs + Math.min(at - seen.at, LONGEST_LOOK_MS, leaseMs / 8)
    this.#seen.set(account, { ...seen, watchedMs, at })
    return watchedMs >= leaseMs / 2
  }

  forget(account: string): void {
    this.#seen.delete(account)
  }
}
