import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { testStore } from '../../../src/testing.ts'
import { requireProgram } from '../../support/own-port.ts'
import { type PgBouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

const leaseMs = 1000
const postgres = requireProgram('postgres')

describe.skipIf(!postgres)('the contract of stores', () => {
  let server: PostgresServer
  let bouncer: PgBouncer | undefined
  const pools: pg.Pool[] = []

  beforeAll(async () => {
    server = await startPostgres()
    if (requireProgram('pgbouncer')) bouncer = await startPgBouncer(server.port)
    await postgresStore(poolOf({})).setup()
  })

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await bouncer?.close()
    await server.close()
  })

  describe('with a pool for each process', () => testStore({ test, leaseMs, open: handles({ max: 5 }) }))
  describe('with pools of one connection', () => testStore({ test, leaseMs, open: handles({ max: 1 }) }))
  describe.skipIf(!requireProgram('pgbouncer'))('behind a transaction pooler', () => {
    testStore({ test, leaseMs, open: handles({ max: 5 }, () => bouncer?.connectionString) })
  })

  /** Handles in turn on two pools, which are made at first use. */
  function handles(options: pg.PoolConfig, connectionString?: () => string | undefined) {
    const two: pg.Pool[] = []
    let opened = 0
    return () => {
      const turn = opened++ % 2
      two[turn] ??= poolOf({ ...options, ...(connectionString && { connectionString: connectionString() }) })
      return postgresStore(two[turn], { leaseMs })
    }
  }

  function poolOf(options: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ connectionString: server.connectionString, ...options })
    pools.push(pool)
    return pool
  }
})
