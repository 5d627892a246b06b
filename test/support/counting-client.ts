import pg from 'pg'

let sent = 0

/** How many statements this process has sent to PostgreSQL through {@link CountingClient}s. */
export function statementsSent(): number {
  return sent
}

/**
 * For `new pg.Pool({ Client: CountingClient })`. Each statement of a store is a transaction; the server's own count of
 * those, xact_commit, comes up to 10 s late for connections that are idle.
 */
export class CountingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    const query = this.query.bind(this) as (...given: unknown[]) => unknown
    const counted = (...given: unknown[]) => {
      sent++
      return query(...given)
    }
    this.query = counted as typeof this.query
  }
}
