/**
 * A store in PostgreSQL, for processes on several machines.
 *
 * @module axios-renew/postgres
 */

export type { PostgresPool } from './stores/postgres/postgres-pool.ts'
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './stores/postgres/postgres-store.ts'
