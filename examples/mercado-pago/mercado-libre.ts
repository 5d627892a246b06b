import { createSessionPool } from 'axios-renew'
import { encryptedStore } from 'axios-renew/encryption'
import { postgresStore } from 'axios-renew/postgres'
import { mercadoLibre } from 'axios-renew/providers'
import type { Config } from './config.ts'
import type { Market } from './market.ts'

/** The tokens of sellers at Mercado Libre: another application, so a table of its own. */
export async function openMercadoLibre({ database }: Market, tokenKeys: Config['tokenKeys'], client: Parameters<typeof mercadoLibre>[0]) {
  const rows = postgresStore(database, { table: 'mercado_libre_tokens' })
  await rows.setup()
  return createSessionPool({ ...mercadoLibre(client), store: encryptedStore(rows, { keys: tokenKeys, use: '1' }) })
}
