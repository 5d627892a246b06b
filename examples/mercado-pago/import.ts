// Moves sellers over from a table `old_credentials (seller_id, owner, access_token, refresh_token, received_at)`, without
// any token request. `received_at` is in ms since the epoch, or a timestamptz. Stop first whatever refreshes them now: a
// refresh token works once. Run it again if it was interrupted.
import { readConfig } from './config.ts'
import { openMarket } from './market.ts'

const LIFETIME = 180 * 24 * 3600_000
const market = openMarket(readConfig())
const { rows } = await market.database.query('SELECT * FROM old_credentials ORDER BY seller_id')
let imported = 0
for (const { seller_id, owner, access_token, refresh_token, received_at } of rows) {
  const account = String(seller_id)
  // What is there may have been renewed since: never write over it.
  if (await market.store.read(account)) continue
  const issuedAt = Number(received_at)
  // Seconds, or nothing, would be a date far from now: the seller would never be due, and forgotten after 180 days.
  if (!(issuedAt > 1e12 && issuedAt <= Date.now()))
    throw new Error(`seller ${account}: received_at: expected ms since the epoch, not in the future, got ${received_at}`)
  await market.connected(account, owner)
  await market.pool.session(account).signIn({
    accessToken: access_token,
    refreshToken: refresh_token,
    issuedAt,
    expiresAt: issuedAt + LIFETIME, // when it was received counts, not today
    extra: { user_id: Number(account) },
  })
  imported++
}
console.log(`imported ${imported}, there already ${rows.length - imported}`)
await market.close()
