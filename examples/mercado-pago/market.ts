import { setTimeout as sleep } from 'node:timers/promises'
import axios from 'axios'
import { attach, createSessionPool } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { postgresStore } from 'axios-renew/postgres'
import { mercadoPago } from 'axios-renew/providers'
import { Pool } from 'pg'
import type { Config } from './config.ts'

/** The tokens of all sellers, and a client that uses them. */
export function openMarket({ clientId, clientSecret, tokenEndpoint, api: baseURL, databaseUrl, tokenKeys }: Config) {
  const database = new Pool({ connectionString: databaseUrl })
  database.on('error', ({ message }) => console.error(`PostgreSQL: ${message}`)) // it reconnects by itself
  const rows = postgresStore(database, { table: 'seller_tokens' })
  const store = encryptedStore(rows, { keys: tokenKeys, use: '1' })
  const pool = createSessionPool({ ...mercadoPago({ clientId, clientSecret, tokenEndpoint }), store })
  const api = axios.create({ baseURL, timeout: 15_000 })
  attach(api, pool)

  // The server has refused the refresh token: in a request, a notification or at night.
  pool.on('ended', ({ account }) => {
    disconnected([account]).catch(({ message }) => console.error(`seller ${account}: disconnected, to be noted tonight: ${message}`))
  })
  pool.on('save-failed', ({ account, attempt }) =>
    console.error(`seller ${account}: not saved, attempt ${attempt}: do not stop this process`),
  )

  /** Notes it once, however many processes hear of it; with those that could not be noted before, as the store knows of them. */
  async function disconnected(sellers: string[]): Promise<void> {
    const { rows } = await database.query(
      `UPDATE sellers SET disconnected_at = now() WHERE disconnected_at IS NULL
       AND (id = ANY($1) OR id IN (SELECT account FROM seller_tokens WHERE expires_at IS NULL)) RETURNING id, owner`,
      [sellers],
    )
    for (const { id, owner } of rows) console.log(`seller ${id} must authorise the app again: tell ${owner}`) // your mail
  }

  async function connected(seller: string, owner: string): Promise<void> {
    await database.query(
      `INSERT INTO sellers (id, owner) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET owner = $2, connected_at = now(), disconnected_at = NULL`,
      [seller, owner],
    )
  }

  /** Makes the tables. Run it with each deployment; again and again is fine. */
  async function setUp(): Promise<void> {
    await rows.setup()
    // `id` is the user_id of Mercado Pago, `owner` a user of the marketplace.
    await database.query(
      `CREATE TABLE IF NOT EXISTS sellers (
         id text PRIMARY KEY,
         owner text NOT NULL,
         connected_at timestamptz NOT NULL DEFAULT now(),
         disconnected_at timestamptz
       )`,
    )
  }

  /** Refreshes under way are finished, and their pairs saved. Until they are the process must live: a pair is nowhere else. */
  async function close(): Promise<void> {
    // It gives up waiting after 30 s (`refreshTimeoutMs`), but not saving: sooner means that all is saved.
    const allSaved = () => Promise.race([pool.close().then(() => true), sleep(25_000, false, { ref: false })])
    while (!(await allSaved())) console.error('a pair is not saved yet: repair the database, this process ends when it is')
    await database.end()
  }

  return { database, store, pool, api, setUp, connected, disconnected, close }
}

export type Market = ReturnType<typeof openMarket>
