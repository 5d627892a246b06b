import { startTimer, systemClock } from '../../core/clock.ts'
import { dueAt } from '../../core/store/record.ts'
import type { StoredRecord } from '../../core/store/token-store.ts'
import { ignore, within } from '../../core/wait.ts'
import type { Send } from './client.ts'
import { escapeAccount, unescapeAccount } from './keys.ts'
import type { Scripts } from './scripts.ts'

/** How many accounts are asked for, and records read, at once. */
const PAGE = 200
/** How long one attempt to name an account may take that is not waited for. */
const ANSWER_MS = 15_000
/** Between such attempts: at first, and at most. */
const PAUSE_MS = [1000, 60_000] as const

/** What an account looks like in the index, and in truth. */
interface Candidate {
  account: string
  /** The time in the index. */
  listedAt: number
}

/**
 * When which account is due, as a sorted set. It is no part of what a write does at one go, because on a cluster it is
 * elsewhere; so the set is a hint, and the records are the truth. One rule keeps it useful: *it never names a later time
 * than the record*, as an account that is named too late is never renewed, and one that is named too early costs
 * one look. So a write only ever brings a time forward, before and after it; only `due`, which has looked, puts it off.
 */
export class DueIndex {
  readonly #key: string
  readonly #send: Send
  readonly #scripts: Scripts
  readonly #read: (account: string) => Promise<StoredRecord | null>
  /** Accounts that are still to be named, and for when. */
  readonly #owed = new Map<string, { at: number }>()

  constructor(key: string, send: Send, scripts: Scripts, read: (account: string) => Promise<StoredRecord | null>) {
    this.#key = key
    this.#send = send
    this.#scripts = scripts
    this.#read = read
  }

  /** Names the account for that time, if not for an earlier one. */
  async expect(account: string, at: number): Promise<void> {
    await this.#scripts.expect(this.#key, escapeAccount(account), String(at))
  }

  /**
   * Names the account in the background, again and again until it worked: nobody else would, as an account that is not
   * named is never found due. What an earlier write still owes is owed no more. `undefined`: it is never due.
   */
  insist(account: string, at: number | undefined): void {
    this.#owed.delete(account)
    if (at === undefined) return
    const owed = { at }
    this.#owed.set(account, owed)
    void this.#attempt(account, owed, PAUSE_MS[0])
  }

  /** After a write of which nobody knows whether it happened: the earlier of its time and what is owed. */
  insistInDoubt(account: string, at: number | undefined): void {
    const owed = this.#owed.get(account)?.at
    if (at !== undefined && !(owed !== undefined && owed <= at)) this.insist(account, at)
  }

  async #attempt(account: string, owed: { at: number }, pauseMs: number): Promise<void> {
    if (this.#owed.get(account) !== owed) return
    try {
      await within(this.expect(account, owed.at), ANSWER_MS, systemClock, () => new Error('no answer'))
      if (this.#owed.get(account) === owed) this.#owed.delete(account)
    } catch {
      startTimer(systemClock, pauseMs, () => void this.#attempt(account, owed, Math.min(2 * pauseMs, PAUSE_MS[1])))
    }
  }

  /** In the order of their names: their times change while somebody walks, so that a walk could not be taken up again. */
  async *due(beforeMs: number, cursor?: string): AsyncGenerator<string> {
    const listed = (await this.#listed(beforeMs)).filter(({ account }) => cursor === undefined || account > cursor)
    listed.sort((a, b) => (a.account < b.account ? -1 : 1))
    for (let at = 0; at < listed.length; at += PAGE) {
      const page = listed.slice(at, at + PAGE)
      const isDue = await Promise.all(page.map((candidate) => this.#isDue(candidate, beforeMs)))
      for (const [index, { account }] of page.entries()) if (isDue[index]) yield account
    }
  }

  async #listed(beforeMs: number): Promise<Candidate[]> {
    const found = new Map<string, Candidate>()
    let from = '-inf'
    let skip = 0
    for (;;) {
      const limit = [String(skip), String(PAGE)] as const
      const reply = await this.#send(['zrangebyscore', this.#key, from, `(${beforeMs}`, 'withscores', 'limit', ...limit], this.#key)
      // Members and scores in turns, or in pairs by the newer protocol.
      const flat = (reply as unknown[]).flat().map(String)
      for (let index = 0; index < flat.length; index += 2) {
        const [name, score] = flat.slice(index) as [string, string]
        skip = score === from ? skip + 1 : 1
        from = score
        found.set(name, { account: unescapeAccount(name), listedAt: Number(score) })
      }
      if (flat.length < 2 * PAGE) return [...found.values()]
    }
  }

  async #isDue({ account, listedAt }: Candidate, beforeMs: number): Promise<boolean> {
    let stored: StoredRecord | null
    try {
      stored = await this.#read(account)
    } catch {
      // Whoever tries to renew it is told why it cannot be read.
      return true
    }
    const at = stored ? dueAt(stored.record) : undefined
    if (at !== undefined && at < beforeMs) return true
    await this.#putOff(account, listedAt, at, stored).catch(ignore)
    return false
  }

  async #putOff(account: string, from: number, to: number | undefined, known: StoredRecord | null): Promise<void> {
    await this.#scripts.move(this.#key, escapeAccount(account), String(from), to === undefined ? '' : String(to))
    // Somebody who wrote just now may have found a time that was early enough, before it was put off.
    const stored = await this.#read(account).catch(ignore)
    if (stored?.version !== known?.version) await this.expect(account, from)
  }
}
