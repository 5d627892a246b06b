import pg from 'pg'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { TokenStore } from '../../../src/core/store/token-store.ts'
import { type PostgresPool, type PostgresStore, postgresStore } from '../../../src/postgres.ts'
import { requireProgram } from '../../support/own-port.ts'
import { postgresForTests, someRecord } from './kit.ts'

const onceFree = { waitMs: 0, signal: new AbortController().signal }

describe.skipIf(!requireProgram('postgres'))('the tables of postgresStore', () => {
  const postgres = postgresForTests()

  test('are made once by 8 processes that start at the same moment, in each of 5 rounds', async () => {
    for (let round = 0; round < 5; round++) {
      const stores = Array.from({ length: 8 }, () => postgresStore(postgres.pool({ max: 1 }), { table: `round_${round}` }))
      await Promise.all(stores.map((store) => store.setup()))
      expect(await stores[0]?.write('shop-1', someRecord(), null)).toBeTruthy()
    }
  })

  test('keep their rows when they are set up again, also without the mark of their version', async () => {
    const pool = postgres.pool()
    const store = postgresStore(pool, { table: 'again' })
    await store.setup()
    await store.write('shop-1', someRecord(), null)
    await store.setup()
    await pool.query('COMMENT ON TABLE again IS NULL')
    await store.setup()
    expect((await store.read('shop-1'))?.record).toEqual(someRecord())
  })

  test('need no right to make any, where they are there', async () => {
    const pool = postgres.pool()
    await postgresStore(pool, { table: 'granted' }).setup()
    await pool.query('CREATE ROLE app LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON granted, granted_leases TO app')
    await pool.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    const store = postgresStore(postgres.pool({ user: 'app', connectionString: undefined, ...address() }), { table: 'granted' })
    await store.setup()
    expect(await store.write('shop-1', someRecord(), null)).toBeTruthy()
    expect(await store.lock('shop-1', async () => 'done', onceFree)).toBe('done')
  })

  test('of a newer version of this package are left alone', async () => {
    const pool = postgres.pool()
    await pool.query(`CREATE TABLE newer (); COMMENT ON TABLE newer IS 'axios-renew schema 7'`)
    await expect(postgresStore(pool, { table: 'newer' }).setup()).rejects.toThrow(/newer axios-renew \(schema 7, known here: 1\)/)
  })

  test.each([
    ['theirs', 'CREATE TABLE theirs (id int)'],
    ['sessions', 'CREATE TABLE sessions (id int, expires_at timestamptz)'],
    ['grants', 'CREATE TABLE grants (account text, record text, version int)'],
    ['alike', 'CREATE TABLE alike (account text, record text, version uuid, expires_at timestamptz)'],
    ['view', 'CREATE VIEW view AS SELECT 1 AS account, 2 AS expires_at'],
  ])('of somebody else (%s) are left alone', async (table, sql) => {
    const pool = postgres.pool()
    await pool.query(sql)
    await expect(postgresStore(pool, { table }).setup()).rejects.toThrow(`"${table}" is there, and not one of axios-renew`)
    const { rows } = await pool.query(
      `SELECT to_regclass($1 || '_leases') AS leases, to_regclass($1 || '_expires_at') AS index, obj_description($1::regclass) AS mark`,
      [table],
    )
    expect(rows).toEqual([{ leases: null, index: null, mark: null }])
  })

  test('of leases of somebody else are the ones that are named', async () => {
    const pool = postgres.pool()
    await pool.query('CREATE TABLE shop_leases (id int)')
    const message = '"shop_leases" is there, and not one of axios-renew'
    await expect(postgresStore(pool, { table: 'shop' }).setup()).rejects.toThrow(message)
  })

  test('of leases are made again where only the other was restored', async () => {
    const pool = postgres.pool()
    const store = postgresStore(pool, { table: 'restored' })
    await store.setup()
    await store.write('shop-1', someRecord(), null)
    await pool.query('DROP TABLE restored_leases')
    await expect(store.lock('shop-1', async () => 'done', onceFree)).rejects.toThrow(/call await store\.setup\(\)/)
    await store.setup()
    expect(await store.lock('shop-1', async () => 'done', onceFree)).toBe('done')
    expect((await store.read('shop-1'))?.record).toEqual(someRecord())
  })

  test('in a schema that is missing are not made: it says so', async () => {
    await expect(postgresStore(postgres.pool(), { table: 'missing.t' }).setup()).rejects.toThrow('schema "missing" does not exist')
  })

  test('may be in another schema', async () => {
    const pool = postgres.pool()
    await pool.query('CREATE SCHEMA auth')
    const store = postgresStore(pool, { table: 'auth.Tokens' })
    await store.setup()
    await store.write('shop-1', someRecord(), null)
    const { rows } = await pool.query('SELECT account FROM auth."Tokens"')
    expect(rows).toEqual([{ account: 'shop-1' }])
    expect((await pool.query(`SELECT to_regclass('auth."Tokens_leases"')::text AS leases`)).rows[0].leases).toBe('auth."Tokens_leases"')
  })

  test('may have any name', async () => {
    const pool = postgres.pool()
    const table = `we"ird'; DROP TABLE x; -- $$ ${'ü'.repeat(8)}`
    const store = postgresStore(pool, { table })
    await store.setup()
    await store.setup()
    const version = await store.write('shop-1', someRecord(), null)
    expect(await store.write('shop-1', someRecord({ generation: 2 }), version)).toBeTruthy()
    expect(await store.lock('shop-1', async () => 'done', onceFree)).toBe('done')
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM pg_class WHERE relname = $1', [table])
    expect(rows).toEqual([{ n: 1 }])
  })

  test('that are missing are named, with what to do', async () => {
    const store = postgresStore(postgres.pool(), { table: 'nowhere' })
    await expect(store.read('shop-1')).rejects.toThrow(/nowhere is missing.*call await store\.setup\(\)/)
    await expect(store.write('shop-1', someRecord(), null)).rejects.toMatchObject({ code: '42P01' })
  })

  test('are read in the index for what is due', async () => {
    const pool = postgres.pool()
    const store = postgresStore(pool, { table: 'many' })
    await store.setup()
    await pool.query(`INSERT INTO many (account, record, expires_at) SELECT 'shop-' || i, '{}', i FROM generate_series(1, 20000) i`)
    await pool.query('ANALYZE many')
    const { rows } = await pool.query(
      `EXPLAIN SELECT account FROM many WHERE expires_at < 50::float8 AND (NULL::text IS NULL OR account > NULL) ORDER BY account LIMIT 200`,
    )
    expect(JSON.stringify(rows)).toContain('many_expires_at')
    const due: string[] = []
    for await (const account of store.due(1001)) due.push(account)
    expect(due).toHaveLength(1000)
    expect(new Set(due).size).toBe(1000)
  })

  function address() {
    return { host: '127.0.0.1', port: postgres.server.port, database: 'postgres' }
  }
})

describe('the options of postgresStore', () => {
  const pool: PostgresPool = { query: async () => ({ rows: [] }) }

  test.each<[string, object, RegExp]>([
    ['a table of no name', { table: '' }, /'table': expected string, got empty string/],
    ['a table whose name is too long', { table: 'x'.repeat(51) }, /1 to 50 bytes/],
    ['a table in a schema of a database', { table: 'a.b.c' }, /name or schema\.name/],
    ['a lease of less than nothing', { leaseMs: -1 }, /'leaseMs': expected number, got -1/],
    ['what there is not', { prefix: 'x' }, /unknown option 'prefix', expected table, leaseMs/],
  ])('refuse %s', (_, options, message) => {
    expect(() => postgresStore(pool, options)).toThrow(TypeError)
    expect(() => postgresStore(pool, options)).toThrow(message)
  })

  test('refuse what is no pool', () => {
    expect(() => postgresStore('postgres://' as never)).toThrow(/postgresStore: the pool: expected object, got string/)
    expect(() => postgresStore({} as never)).toThrow(/the pool's 'query': expected function, got undefined/)
  })

  test('fit the types of node-postgres', () => {
    expectTypeOf<pg.Pool>().toExtend<PostgresPool>()
    expectTypeOf<PostgresStore>().toExtend<TokenStore>()
    const store: TokenStore = postgresStore(new pg.Pool())
    expect(store).toHaveProperty('setup')
  })
})
