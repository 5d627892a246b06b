import { startTimer, systemClock } from '../../core/clock.ts'
import { ignore, within } from '../../core/wait.ts'
import { clientLike, type PostgresClient, type PostgresPool, showsConnections } from './postgres-pool.ts'
import { sqlState } from './query.ts'

/** How long opening a connection may take, and the pool for a notification. */
const OPEN_MS = 10_000
/** How long an answer may take. One that is silent may have been cut by a firewall that tells nobody. */
const ANSWER_MS = 3000
/** How long a notification to ourselves may take: no transaction pooler delivers it. */
const ECHO_MS = 2000
/** Between attempts: at first, and at most. */
const PAUSE_MS = [100, 5000] as const
/** Where listening was refused, or no echo came, it is tried again after that: whoever is in between may be gone. */
const AGAIN_MS = 300_000
/** States of a server in trouble, or of a standby that waits to be promoted: they soon pass. */
const IN_TROUBLE = /^(08|25|53|57|58)/

/** What the connection is told, and tells. */
export interface ConnectionOptions {
  pool: PostgresPool
  /** The statement that listens. */
  listen: string
  /** Notifies with this payload through the pool: as others do. */
  notify: (payload: string) => Promise<unknown>
  onMessage: (payload: string) => void
  /** Messages arrive from now on; some may have been missed. */
  onLive: () => void
  /** None arrive any more. */
  onDown: () => void
  /** None will arrive on this connection: a transaction pooler may be in between. It may be told again. */
  onDeaf: (why: string) => void
}

/**
 * A connection of our own that listens, for a pool lends its connections for short. It is opened again as often as it
 * breaks, and does not keep the process alive.
 */
export class Connection {
  readonly #options: ConnectionOptions
  #client: PostgresClient | undefined
  #closed = false
  #drop: (reason: unknown) => void = ignore
  #stopAgain: () => void = ignore
  #wake: () => void = ignore
  #heard: (payload: string) => void = ignore

  constructor(options: ConnectionOptions) {
    this.#options = options
    void this.#keepOpen()
  }

  /** Asks on this connection; `undefined` while there is none. One that does not answer in time is given up. */
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> | undefined {
    return this.#client && this.#inTime(this.#client.query(text, values))
  }

  close(): void {
    this.#closed = true
    this.#drop(new Error('closed'))
    this.#wake()
  }

  async #keepOpen(): Promise<void> {
    if (!showsConnections(this.#options.pool)) return this.#options.onDeaf('the pool does not show how it makes its connections')
    let pause: number = PAUSE_MS[0]
    while (!this.#closed) {
      if (await this.#use()) pause = PAUSE_MS[0]
      if (this.#closed) return
      const ms = pause * (0.5 + Math.random() / 2)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        startTimer(systemClock, ms, resolve)
      })
      pause = Math.min(pause * 2, PAUSE_MS[1])
    }
  }

  /** Until it breaks; tells whether it ever worked. */
  async #use(): Promise<boolean> {
    let client: PostgresClient | undefined
    let live = false
    try {
      client = clientLike(this.#options.pool)
      const dropped = this.#droppedOf(client)
      const connected = client.connect()
      client.unref?.()
      await Promise.race([this.#inTime(connected, OPEN_MS), dropped])
      // TLS has put another socket in the place of the first.
      client.unref?.()
      const deaf = await Promise.race([this.#listen(client), dropped])
      live = deaf === undefined
      // Not before: a pooler lends whoever asks the connection on which the echo may be waiting.
      this.#client = client
      if (deaf === undefined) {
        this.#options.onLive()
      } else {
        const drop = this.#drop
        this.#stopAgain = startTimer(systemClock, AGAIN_MS, () => drop(new Error('listening is tried again')))
        this.#options.onDeaf(deaf)
      }
      return await dropped
    } catch {
      this.#stopAgain()
      const worked = this.#client !== undefined
      this.#client = undefined
      if (live) this.#options.onDown()
      if (client) discard(client)
      return worked
    }
  }

  /** Rejects when it has broken, or is to be given up. */
  #droppedOf(client: PostgresClient): Promise<never> {
    const dropped = new Promise<never>((_, reject) => {
      this.#drop = reject
      client.on('error', reject)
      client.on('end', () => reject(new Error('ended')))
    })
    dropped.catch(ignore)
    return dropped
  }

  /** Tells why nothing is heard here; `undefined`: all is well. */
  async #listen(client: PostgresClient): Promise<string | undefined> {
    const echo = `echo:${crypto.randomUUID()}`
    const heard = new Promise<true>((resolve) => {
      this.#heard = (payload) => payload === echo && resolve(true)
    })
    client.on('notification', ({ payload = '' }) => {
      this.#heard(payload)
      this.#options.onMessage(payload)
    })
    const refused = await this.#inTime(client.query(this.#options.listen)).then(
      () => undefined,
      (error) => {
        const state = sqlState(error)
        if (!state || IN_TROUBLE.test(state)) throw error
        return `LISTEN is refused with ${state}`
      },
    )
    if (refused) return refused
    await this.#inTime(this.#options.notify(echo), OPEN_MS)
    if (await within(heard, ECHO_MS, systemClock, () => undefined).catch(() => false)) return undefined
    // The pooler may have left a connection of the server listening.
    await this.#inTime(client.query(this.#options.listen.replace('LISTEN', 'UNLISTEN'))).catch(ignore)
    return 'notifications do not arrive, as behind a transaction pooler'
  }

  #inTime<T>(answer: Promise<T>, ms = ANSWER_MS): Promise<T> {
    const drop = this.#drop
    return within(answer, ms, systemClock, () => {
      const error = new Error('no answer')
      drop(error)
      return error
    })
  }
}

/** Closes it, in peace or not. Errors that still come have a listener. */
function discard(client: PostgresClient): void {
  const destroy = () => client.connection?.stream?.destroy?.()
  new Promise((resolve) => resolve(client.end())).then(ignore, destroy).catch(ignore)
  startTimer(systemClock, 1000, destroy)
}
