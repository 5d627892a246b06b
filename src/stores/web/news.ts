import { Watchers } from '../shared/watchers.ts'

/** What pages of one origin tell each other. Never a token: everything on the origin can listen. */
interface Message {
  account: string
  /** Of the record that was written; without it, the account's lock has become free. */
  version?: string
}

/** Tells what happens to records and locks, in this page and in the others of the origin. */
export class News {
  readonly #name: string
  readonly #readVersion: (account: string) => Promise<string | undefined>
  readonly #pollMs: number
  readonly #netMs: number
  readonly #records = new Watchers()
  readonly #locks = new Watchers()
  #channel: BroadcastChannel | undefined
  #stopPolling = () => {}

  /**
   * @param pollMs how often those who watch look themselves where nobody can tell them.
   * @param netMs the same where others tell them, if they live to do so.
   */
  constructor(name: string, readVersion: (account: string) => Promise<string | undefined>, pollMs: number, netMs: number) {
    this.#name = `axios-renew:${name}`
    this.#readVersion = readVersion
    this.#pollMs = pollMs
    this.#netMs = netMs
  }

  /** Says that a record was written. */
  written(account: string, version: string): void {
    this.#records.notify(account)
    this.#post({ account, version })
  }

  /** Says that a lock was given back. */
  freed(account: string): void {
    this.#locks.notify(account)
    this.#post({ account })
  }

  /** For who learns by other means that the lock of an account may be free. */
  readonly ring = (account: string): void => this.#locks.notify(account)

  /** Whether somebody in this page waits for a lock. */
  isAwaited(account: string): boolean {
    return this.#locks.has(account)
  }

  watch(account: string, callback: () => void): () => void {
    return this.#listen(this.#records, account, callback)
  }

  onFree(account: string, callback: () => void): () => void {
    return this.#listen(this.#locks, account, callback)
  }

  #listen(watchers: Watchers, account: string, callback: () => void): () => void {
    if (this.#isIdle) this.#start()
    const stop = watchers.add(account, callback)
    return () => {
      if (this.#isIdle) return
      stop()
      if (this.#isIdle) this.#stop()
    }
  }

  get #isIdle(): boolean {
    return this.#records.size + this.#locks.size === 0
  }

  #start(): void {
    this.#onPage('addEventListener')
    this.#connect()
  }

  #stop(): void {
    this.#onPage('removeEventListener')
    this.#rest()
  }

  /** Hears of what becomes of the page, or no longer. Workers have no document. */
  #onPage(how: 'addEventListener' | 'removeEventListener'): void {
    globalThis[how]?.('pageshow', this.#wake)
    globalThis[how]?.('pagehide', this.#rest)
    globalThis.document?.[how]('visibilitychange', this.#look)
    globalThis.document?.[how]('resume', this.#wake)
  }

  #connect(): void {
    if (this.#channel) return
    this.#channel = openChannel(this.#name)
    this.#stopPolling()
    if (!this.#channel) {
      this.#stopPolling = poll(this.#records, this.#readVersion, this.#pollMs)
      return
    }
    const net = setInterval(this.#look, this.#netMs)
    this.#stopPolling = () => clearInterval(net)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.version === undefined) this.#locks.notify(data.account)
      else this.#records.notify(data.account)
    }
  }

  /** A page in the back/forward cache would be thrown out by the first message. */
  readonly #rest = (): void => {
    this.#stopPolling()
    this.#channel?.close()
    this.#channel = undefined
  }

  readonly #wake = (): void => {
    this.#connect()
    this.#records.notifyAll()
  }

  /** A page that was slowed down in the background may have missed something, and a tab that died may not have told it. */
  readonly #look = (): void => {
    if (globalThis.document?.visibilityState !== 'hidden') this.#records.notifyAll()
  }

  #post(message: Message): void {
    const channel = this.#channel ?? openChannel(this.#name)
    try {
      channel?.postMessage(message)
    } catch {
      // What was to be told has happened all the same, and others look before they do anything.
    }
    if (channel !== this.#channel) channel?.close()
  }
}

function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name)
  } catch {
    // Missing, or blocked together with storage.
    return undefined
  }
}

/** Tells watchers of another version than the last that was seen; returns what stops that. */
function poll(watchers: Watchers, readVersion: (account: string) => Promise<string | undefined>, pollMs: number): () => void {
  const known = new Map<string, string | undefined>()
  const look = async (account: string) => {
    const version = await readVersion(account)
    // The first look may already have come too late: what stands there may be news.
    if (known.get(account) !== version) watchers.notify(account)
    known.set(account, version)
  }
  const lookAtAll = () => {
    // A look that fails is followed by another.
    for (const account of watchers.accounts()) look(account).catch(() => {})
  }
  queueMicrotask(lookAtAll)
  const timer = setInterval(lookAtAll, pollMs)
  return () => clearInterval(timer)
}
