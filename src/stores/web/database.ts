import { systemClock } from '../../core/clock.ts'
import { ignore, within } from '../../core/wait.ts'

/** What is kept under an account's name: its record, and who has its lock. */
export type Table = 'records' | 'leases'

/** What becomes of a row. */
export interface Change<T> {
  /** What stands there from now on; `null` takes the row away. Left out, nothing changes. */
  row?: unknown
  /** What the caller gets. */
  result: T
}

/** How long opening may take, in ms. Browsers were known to forget about it; the next attempt begins anew. */
const OPEN_MS = 10_000
/** The layout of the database. A higher number would lock out the tabs that still run older code. */
const LAYOUT = 1
const TABLES: readonly Table[] = ['records', 'leases']

/**
 * An IndexedDB database that is opened when it is needed, and again after the browser has closed it.
 * Errors are plain ones; what the browser said is their cause.
 */
export class Database {
  readonly #name: string
  #connection: Promise<IDBDatabase> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** Connects, if that has not been done. */
  open(): Promise<IDBDatabase> {
    if (this.#connection) return this.#connection
    const connection = this.#connect()
    this.#connection = connection
    connection.catch(() => {
      if (this.#connection === connection) this.#connection = undefined
    })
    return connection
  }

  /** The row of an account. */
  read(table: Table, account: string): Promise<unknown> {
    return this.#run(table, 'readonly', 'default', (rows, settle) => {
      const request = rows.get(account)
      request.onsuccess = () => settle(() => request.result)
    })
  }

  /** All rows, by account, in order. */
  readAll(table: Table): Promise<[account: string, row: unknown][]> {
    return this.#run(table, 'readonly', 'default', (rows, settle) => {
      const accounts = rows.getAllKeys()
      const values = rows.getAll()
      values.onsuccess = () => settle(() => accounts.result.map((account, index) => [String(account), values.result[index]]))
    })
  }

  /** Looks at a row and changes it, with nobody in between. Settles when that stands on disk as `durability` says. */
  change<T>(table: Table, account: string, durability: IDBTransactionDurability, decide: (row: unknown) => Change<T>): Promise<T> {
    return this.#run(table, 'readwrite', durability, (rows, settle) => {
      const request = rows.get(account)
      request.onsuccess = () =>
        settle(() => {
          const { row, result } = decide(request.result)
          if (row === null) rows.delete(account)
          else if (row !== undefined) rows.put(row, account)
          return result
        })
    })
  }

  /** Lets go of the connection. Work under way is finished first; the next work opens it again. */
  readonly close = (): void => {
    const connection = this.#connection
    this.#connection = undefined
    globalThis.removeEventListener?.('pagehide', this.close)
    connection?.then((database) => database.close(), ignore)
  }

  async #connect(): Promise<IDBDatabase> {
    const opening = connect(this.#name)
    const database = await within(opening, OPEN_MS, systemClock, () => {
      opening.then((late) => late.close(), ignore)
      return failed(`${JSON.stringify(this.#name)} could not be opened in ${OPEN_MS} ms`, undefined)
    })
    // Who wants to delete the database, or has a newer layout, would wait for this page for ever.
    database.onversionchange = this.close
    // The browser's doing, as when somebody clears the data of the site.
    database.onclose = this.close
    // A connection may keep the page out of the back/forward cache.
    globalThis.addEventListener?.('pagehide', this.close)
    return database
  }

  async #run<T>(
    table: Table,
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
    work: (rows: IDBObjectStore, settle: (result: () => T) => void) => void,
  ): Promise<T> {
    const transaction = await this.#begin(table, mode, durability)
    return new Promise<T>((resolve, reject) => {
      let outcome: () => T
      let failure: unknown
      // Only now is it on disk.
      transaction.oncomplete = () => resolve(outcome())
      transaction.onabort = () => reject(failure ?? failed(`could not be ${mode === 'readonly' ? 'read' : 'written'}`, transaction.error))
      work(transaction.objectStore(table), (result) => {
        try {
          const value = result()
          outcome = () => value
          // Else the browser waits whether this page has more to do, and everybody else with it.
          transaction.commit?.()
        } catch (error) {
          failure = error
          transaction.abort()
        }
      })
    })
  }

  async #begin(table: Table, mode: IDBTransactionMode, durability: IDBTransactionDurability): Promise<IDBTransaction> {
    for (let attempt = 1; ; attempt++) {
      const database = await this.open()
      try {
        return database.transaction(table, mode, { durability })
      } catch (error) {
        // The browser has closed it, and the event that tells is still to come.
        if (attempt === 2) throw failed('could not be used', error)
        this.close()
      }
    }
  }
}

function connect(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Throws where storage is blocked.
    const request = indexedDB.open(name, LAYOUT)
    request.onupgradeneeded = () => {
      for (const table of TABLES) request.result.createObjectStore(table)
    }
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      if (TABLES.every((table) => database.objectStoreNames.contains(table))) return resolve(database)
      database.close()
      reject(new DOMException(`The database ${JSON.stringify(name)} is none of webStore's: give it another name`, 'VersionError'))
    }
  }).catch((error) => {
    throw failed(`${JSON.stringify(name)} could not be opened`, error)
  }) as Promise<IDBDatabase>
}

function failed(what: string, cause: unknown): Error {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new Error(`The database in this browser (IndexedDB) ${what}${reason}`, { cause })
}
