import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore, settledWithin } from '../../core/wait.ts'
import { type Moment, moment, since } from '../shared/moment.ts'
import { Watchers } from '../shared/watchers.ts'
import type { Connection } from './client.ts'
import { Feed } from './kept-subscription.ts'
import { escapeAccount, type Keys, unescapeAccount } from './keys.ts'
import { subscribe } from './subscribe.ts'
import { VERSION_LENGTH } from './version.ts'

/** How often the versions of watched accounts are looked at: the net under pub/sub, which promises nothing. */
const POLL_MS = 5000
/** How long answers may take, in ms: a connection that hangs must not end the looking. */
const ANSWER_MS = 5000
/** How many accounts are looked at at once. */
const BATCH = 200
/** An account whose look was never answered is looked at again after that, in ms: a client without bounds keeps them all. */
const FORGET_MS = 600_000
/** A lock that is free is taken sooner than this: a subscription would come too late. */
const SOON_MS = 30

/** Tells what others have done: through a subscription, and by looking, should that fail. */
export class News {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #written = new Watchers()
  readonly #freed = new Watchers()
  readonly #feed: Feed
  /** The versions of watched accounts, as far as they are known here. */
  readonly #versions = new Map<string, string>()
  /** Accounts whose look has not been answered, and since when it is on its way. */
  readonly #looking = new Map<string, Moment>()
  #polls = false

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
    this.#feed = new Feed({
      isOpen: () => connection.isOpen(),
      open: (onEnd) => subscribe(connection.node(), keys.channel, (text) => this.#hear(text), onEnd),
      onGap: () => {
        this.#written.notifyAll()
        this.#freed.notifyAll()
      },
    })
  }

  /** Calls back after a write. Returns what stops that. */
  onWritten(account: string, callback: () => void): () => void {
    const stop = this.#written.add(account, callback)
    const leave = this.#feed.listen()
    this.#poll()
    return () => {
      stop()
      leave()
    }
  }

  /** Calls back after a lease was given back. Returns what stops that. */
  onFree(account: string, callback: () => void): () => void {
    const stop = this.#freed.add(account, callback)
    let leave = ignore
    const stopTimer = startTimer(systemClock, SOON_MS, () => {
      leave = this.#feed.listen()
    })
    return () => {
      stop()
      stopTimer()
      leave()
    }
  }

  #hear(text: string): void {
    const [kind, name, version] = text.split(' ')
    const account = nameToAccount(name)
    if (account === undefined) return
    if (kind === 'free') this.#freed.notify(account)
    if (kind !== 'written') return
    if (version && this.#written.has(account)) this.#versions.set(account, version)
    this.#written.notify(account)
  }

  /** Once at a time, as long as somebody watches. */
  #poll(): void {
    if (this.#polls) return
    this.#polls = true
    startTimer(systemClock, POLL_MS, async () => {
      this.#feed.check()
      await this.#look()
      this.#polls = false
      if (this.#written.size > 0) this.#poll()
    })
  }

  async #look(): Promise<void> {
    for (const account of this.#versions.keys()) if (!this.#written.has(account)) this.#versions.delete(account)
    for (const [account, asked] of this.#looking) if (since(asked) > FORGET_MS) this.#looking.delete(account)
    const accounts = [...this.#written.accounts()].filter((account) => !this.#looking.has(account))
    for (let at = 0; at < accounts.length; at += BATCH) {
      const batch = accounts.slice(at, at + BATCH)
      // What cannot be reached is looked at the next time.
      await settledWithin(Promise.all(batch.map((account) => this.#lookAt(account).catch(ignore))), ANSWER_MS, systemClock)
      // Nor are the others asked for where nothing answers.
      if (batch.every((account) => this.#looking.has(account))) return
    }
  }

  async #lookAt(account: string): Promise<void> {
    const version = await this.#versionOf(account)
    const before = this.#versions.get(account)
    if (!this.#written.has(account)) return
    this.#versions.set(account, version)
    // What happened before the first look was heard, if anything is heard at all.
    if (before === undefined ? !this.#feed.isUp : before !== version) this.#written.notify(account)
  }

  async #versionOf(account: string): Promise<string> {
    const asked = moment()
    this.#looking.set(account, asked)
    try {
      const key = this.#keys.record(account)
      return String(await this.#connection.send(['getrange', key, '0', String(VERSION_LENGTH - 1)], key))
    } finally {
      if (this.#looking.get(account) === asked) this.#looking.delete(account)
    }
  }
}

/** What is told of a write. */
export function writtenMessage(account: string, version: string): string {
  return `written ${escapeAccount(account)} ${version}`
}

/** What is told of a lease given back. */
export function freeMessage(account: string): string {
  return `free ${escapeAccount(account)}`
}

/** Anybody may publish anything on a channel. */
function nameToAccount(name: string | undefined): string | undefined {
  try {
    return name && unescapeAccount(name)
  } catch {
    return undefined
  }
}
