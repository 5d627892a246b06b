import type { StoredRecord } from 'axios-renew'
import type { Witness } from './faulty-store.ts'
import type { Host } from './pool.ts'

/** A token request, from the moment a session made it. */
export interface Sent {
  readonly by: Host
  readonly grant: string
  /** Which pair of the grant it spends. */
  readonly pair: number
  /** When its sender last wrote an intent. */
  readonly claimedAt: number
  at: 'leaving' | 'acted' | 'over'
  /** The server took the refresh token, and gave the next one. */
  consumed?: boolean
  /** Why nobody can know what became of it. */
  lost?: string
  /** Since when the store has said that the refresh token is spent. */
  storedAt?: number
  /** The lock passed to another between the look at the lease and the server. */
  wasSilent?: boolean
}

/** A pair, as its refresh token names it: `g2.r5`. */
export function pairOf(refreshToken: string | undefined): { grant: string; pair: number } {
  const [grant = '', pair = ''] = String(refreshToken).split('.r')
  return { grant, pair: Number(pair) }
}

/** Keeps everything that really happened in order, and judges it. */
export class Evidence implements Witness {
  /** What must never happen, and did. */
  readonly breaches: string[] = []
  readonly sent: Sent[] = []
  /** Something happened after which nobody can promise that an orphaned pair is found. */
  troubled = false
  /** The store was rolled back or emptied at least once. */
  storeWasLost = false
  /** Whose pair a sign-out has replaced. */
  orphan?: string
  #now = 0
  /** In the order in which they were first written. */
  readonly #lineages: string[] = []
  readonly #claims = new Map<Host, { refreshToken: string | undefined; lineage: string; at: number }>()
  /** The newest pair that a process has been given by the server, by grant. */
  readonly #given = new Map<Host, Map<string, number>>()

  breach(what: string): void {
    this.breaches.push(what)
  }

  /** A session makes a token request. */
  sends(by: Host, refreshToken: string | undefined, { holdsLock, lineage }: { holdsLock: boolean; lineage: string }): Sent {
    const { grant, pair } = pairOf(refreshToken)
    const claim = this.#claims.get(by)
    this.#claims.delete(by)
    if (claim?.refreshToken !== refreshToken) this.breach(`${by.name} sent ${refreshToken} without an intent`)
    if (claim && claim.lineage !== lineage) this.breach(`${by.name} sent ${refreshToken} of a sign-in that it had left`)
    if (!holdsLock) this.breach(`${by.name} sent ${refreshToken} without the lock`)
    if ((this.#given.get(by)?.get(grant) ?? 0) > pair) this.breach(`${by.name} sent ${refreshToken} whose successor it was given`)
    for (const other of this.sent) {
      if (other.at !== 'over' && other.grant === grant && other.pair === pair && !other.lost)
        this.breach(`${by.name} sent ${refreshToken} while ${other.by.name} did`)
    }
    const sent: Sent = { by, grant, pair, claimedAt: claim?.at ?? 0, at: 'leaving' }
    this.sent.push(sent)
    return sent
  }

  /** The server gets a refresh token that it has taken before. */
  reused(again: Sent): void {
    if (again.wasSilent) return
    const first = this.sent.find((it) => it.consumed && it.grant === again.grant && it.pair === again.pair)
    if (!first) return
    const what = `${again.by.name} sent ${again.grant}.r${again.pair}, which ${first.by.name} had spent`
    if ((first.storedAt ?? Number.POSITIVE_INFINITY) < again.claimedAt) this.breach(`${what}, as the store said before the intent`)
    else if (!first.lost) this.breach(what)
  }

  given(by: Host, grant: string, pair: number): void {
    const known = this.#given.get(by) ?? new Map<string, number>()
    this.#given.set(by, known.set(grant, Math.max(pair, known.get(grant) ?? 0)))
  }

  /** What this request brought, or will bring, may be lost. */
  lose(sent: Sent, why: string): void {
    this.troubled = true
    if (sent.storedAt === undefined) sent.lost ??= why
  }

  crashed(by: Host): void {
    this.troubled = true
    for (const sent of this.sent) if (sent.by === by) this.lose(sent, 'crash')
  }

  leaseLost(by: Host): void {
    for (const sent of this.sent) {
      if (sent.by !== by || sent.storedAt !== undefined) continue
      if (sent.at === 'leaving') sent.wasSilent = true
      this.lose(sent, 'silence')
    }
  }

  storeLost(row: StoredRecord | null): void {
    this.troubled = this.storeWasLost = true
    const stored = pairOf(row?.record.tokens?.refreshToken)
    for (const sent of this.sent) {
      if (sent.grant === stored.grant && sent.pair < stored.pair) continue
      sent.storedAt = undefined
      if (sent.at === 'over' || sent.lost) sent.lost ??= 'the store was lost'
    }
  }

  wrote(by: Host, before: StoredRecord | null, { record }: StoredRecord): void {
    const at = ++this.#now
    const { tokens, lineage, generation } = record
    if (!this.#lineages.includes(lineage)) this.#lineages.push(lineage)
    this.#compare(by, before, record.lineage, generation)
    if (record.refreshStartedAt !== undefined) this.#claims.set(by, { refreshToken: tokens?.refreshToken, lineage, at })
    const stored = pairOf(tokens?.refreshToken)
    this.orphan = tokens ? undefined : this.#orphanOf(before)
    for (const sent of this.sent) if (sent.grant === stored.grant && sent.pair < stored.pair) sent.storedAt ??= at
    if (before?.record.lineage !== lineage || before.record.generation !== generation || !tokens) return
    const replaced = before.record.tokens?.refreshToken
    if (replaced !== tokens.refreshToken) this.breach(`${by.name} wrote ${tokens.refreshToken} in place of ${replaced}`)
  }

  /** What comes in after another sign-in is only dropped, whoever signs out later: it may be of the same grant. */
  #orphanOf(before: StoredRecord | null): string | undefined {
    const tokens = before?.record.tokens
    if (!tokens) return this.orphan
    const { grant } = pairOf(tokens.refreshToken)
    const later = [...this.#given.values()]
      .flatMap((given) => [...given.keys()])
      .some((other) => Number(other.slice(1)) > Number(grant.slice(1)))
    return later ? undefined : grant
  }

  #compare(by: Host, before: StoredRecord | null, lineage: string, generation: number): void {
    if (!before) return
    const old = before.record
    if (old.lineage === lineage && generation < old.generation)
      this.breach(`${by.name} wrote generation ${generation} over ${old.generation}`)
    if (this.storeWasLost || this.#lineages.indexOf(lineage) >= this.#lineages.indexOf(old.lineage)) return
    this.breach(`${by.name} undid ${old.tokens ? 'a sign-in' : 'a sign-out'}`)
  }
}
