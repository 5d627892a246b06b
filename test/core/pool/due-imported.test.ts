import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type SessionPool, type TokenStore } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { fileStore } from 'axios-renew/file'
import { postgresStore } from 'axios-renew/postgres'
import { redisStore } from 'axios-renew/redis'
import pg from 'pg'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requireProgram } from '../../support/own-port.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { noRedis, startRedis } from '../../support/redis-server.ts'
import { HOUR, Sellers } from './sellers.ts'

describe.each<[string, boolean, () => TokenStore | Promise<TokenStore>]>([
  ['memoryStore', false, memoryStore],
  ['fileStore', false, inFile],
  ['encryptedStore', false, () => encryptedStore(memoryStore(), { keys: { a: new Uint8Array(32) }, use: 'a' })],
  ['redisStore', noRedis, inRedis],
  ['postgresStore', !requireProgram('postgres'), inPostgres],
])('an imported seller in %s', (_, isMissing, open) => {
  it.skipIf(isMissing)('of whom there is only a refresh token is due, once, until there is an access token', async () => {
    const sellers = new Sellers()
    const store = await open()
    const pool = poolOf(sellers, store)
    await pool.session('imported').signIn({ refreshToken: 'imported' })
    await pool.session('imported, as it came').signIn({ refresh_token: 'as it came', expires_in: 15_552_000 })
    await pool.session('of unknown expiry').signIn({ accessToken: 'a', refreshToken: 'of unknown expiry' })
    // A refresh by a cookie, say: there is nothing that could get lost.
    await pool.session('without tokens').signIn({})
    await pool.session('signed out').signIn({ refreshToken: 'signed out' })
    await pool.session('signed out').signOut()

    // As the nightly job: a process that knows what is stored, and no more.
    const report = await poolOf(sellers, store).renewDue({ withinMs: HOUR / 2 })
    expect(report).toEqual({ examined: 2, renewed: 2, adopted: 0, ended: [], failed: [] })
    expect(sellers.received.sort()).toEqual(['as it came', 'imported'])
    expect(await poolOf(sellers, store).renewDue({ withinMs: HOUR / 2 })).toMatchObject({ examined: 0 })
    expect(sellers.revoked.size).toBe(0)
  })

  it.skipIf(isMissing)('is no longer due when the server has refused the refresh token', async () => {
    const sellers = new Sellers()
    const store = await open()
    await poolOf(sellers, store).session('imported').signIn({ refreshToken: 'spent long ago' })
    sellers.revoked.add('imported')
    expect(await poolOf(sellers, store).renewDue({ withinMs: HOUR })).toMatchObject({ examined: 1, ended: ['imported'] })
    expect(await poolOf(sellers, store).renewDue({ withinMs: HOUR })).toMatchObject({ examined: 0 })
  })
})

/** Closed before the store goes: it may still be giving a lock back. */
function poolOf(sellers: Sellers, store: TokenStore): SessionPool {
  const pool = sellers.pool({ store })
  onTestFinished(() => pool.close())
  return pool
}

async function inFile(): Promise<TokenStore> {
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return fileStore(join(folder, 'tokens.json'))
}

async function inRedis(): Promise<TokenStore> {
  const server = await startRedis()
  const client = createClient({ url: server.url })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(async () => {
    client.destroy()
    await server.stop()
  })
  return redisStore(client)
}

async function inPostgres(): Promise<TokenStore> {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.connectionString })
  pool.on('error', () => {})
  onTestFinished(async () => {
    await pool.end()
    await server.close()
  })
  const store = postgresStore(pool)
  await store.setup()
  return store
}
