/**
 * What `postgresStore` uses of a `Pool` of node-postgres (`pg` 8).
 *
 * A pool that also has node-postgres' `Client` and `options` can be listened through; with any other the store polls.
 */
export interface PostgresPool {
  /** Runs one statement on any connection. Without values it may be several, in one transaction. */
  query(
    text: string,
    values?: unknown[],
  ): Promise<{
    /** The rows, each an object by the names of the columns. */
    rows: unknown[]
  }>
}

/** What is used of a `Client` of node-postgres, for a connection of one's own. */
export interface PostgresClient extends PostgresPool {
  connect(): Promise<unknown>
  end(): Promise<unknown>
  on(event: 'notification', listener: (message: { payload?: string }) => void): unknown
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown
  unref?(): void
  connection?: { stream?: { destroy?(): void } }
}

/** What node-postgres' pool makes its connections with. It is not among its types. */
interface Maker {
  Client: new (options: object) => PostgresClient
  options: object
}

/** Whether the pool shows how it makes its connections. */
export function showsConnections(pool: object): boolean {
  const { Client, options } = pool as Partial<Maker>
  return typeof Client === 'function' && typeof options === 'object'
}

/** A new connection, not open yet, of the kind that the pool makes for itself. */
export function clientLike(pool: object): PostgresClient {
  const { Client, options } = pool as Maker
  return new Client(options)
}

/** Whether `pool.end()` was called: there is nothing to wait for any more. */
export function hasEnded(pool: PostgresPool): boolean {
  return (pool as { ending?: boolean }).ending === true
}
