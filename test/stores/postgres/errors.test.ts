import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../../../src/core/errors/store-error.ts'
import { postgresStore } from '../../../src/postgres.ts'
import { requireProgram } from '../../support/own-port.ts'
import { postgresForTests, someRecord } from './kit.ts'

const CANARY = 'canary-of-the-refresh-token'
const record = someRecord({ tokens: { accessToken: CANARY, refreshToken: CANARY } })

describe.skipIf(!requireProgram('postgres'))('errors of postgresStore', () => {
  const postgres = postgresForTests()

  test.each([
    ['a check', `ALTER TABLE t ADD CONSTRAINT short CHECK (length(record) < 5) NOT VALID`, '23514'],
    [
      'a column that must not be empty',
      `ALTER TABLE t ADD COLUMN tenant text NOT NULL DEFAULT 'x'; ALTER TABLE t ALTER COLUMN tenant DROP DEFAULT`,
      '23502',
    ],
    ['a unique index', 'CREATE UNIQUE INDEX ON t (record)', '23505'],
    ['a trigger that says the row', raising(`RAISE EXCEPTION 'refused: %', NEW.record`), 'P0001'],
    ['a trigger that says it as something else', raising(`RAISE EXCEPTION '%', NEW.record USING ERRCODE = '42501'`), '42501'],
    ['a trigger that fails by itself', raising('PERFORM NEW.record::int'), '22P02'],
    ['a policy', 'ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; SET ROLE app', '42501'],
  ])('do not tell what was to be written: %s', async (_, sql, code) => {
    const pool = postgres.pool({ max: 1 })
    await pool.query('RESET ROLE; DROP TABLE IF EXISTS t, t_leases; DROP ROLE IF EXISTS app; CREATE ROLE app')
    const store = postgresStore(pool, { table: 't' })
    await store.setup()
    await pool.query('GRANT ALL ON t, t_leases TO app')
    await store.write('shop-0', record, null)
    await pool.query(sql)
    const error = await store.write('shop-1', record, null).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ code })
    for (const text of [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error.stack)]) {
      expect(text).not.toContain(CANARY)
    }
  })

  test('say what is wrong with the connection, and hold nothing of it', async () => {
    const store = postgresStore(postgres.pool({ connectionString: 'postgres://someone:secret-password@127.0.0.1:1/x' }))
    const error = await store.read('shop-1').catch((thrown) => thrown)
    expect(error.message).toMatch(/ECONNREFUSED/)
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret-password')
  })

  test.each([
    ['no JSON', CANARY],
    ['half a record', JSON.stringify({ tokens: { refreshToken: CANARY } })],
  ])('of a row that holds %s name the account, not the row', async (_, text) => {
    const pool = postgres.pool()
    const store = postgresStore(pool, { table: 'unreadable' })
    await store.setup()
    await pool.query('INSERT INTO unreadable (account, record) VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET record = $2', [
      'shop-1',
      text,
    ])
    const error = await store.read('shop-1').catch((thrown) => thrown)
    expect(error).toBeInstanceOf(StoreError)
    expect(error.message).toContain('shop-1')
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CANARY)
  })

  test('of transactions that met are not errors: the statement is done again', async () => {
    const pool = postgres.pool({ options: '-c default_transaction_isolation=serializable' })
    const store = postgresStore(pool, { table: 'serial' })
    await store.setup()
    let version = await store.write('shop-1', someRecord(), null)
    for (let round = 0; round < 20; round++) {
      const won = (await Promise.all(Array.from({ length: 5 }, () => store.write('shop-1', someRecord(), version)))).filter(Boolean)
      expect(won).toHaveLength(1)
      version = won[0] ?? null
    }
  })
})

function raising(statement: string): string {
  return `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${statement.replaceAll("'", "''")}; RETURN NEW; END';
    CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse()`
}
