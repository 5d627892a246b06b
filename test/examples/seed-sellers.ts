// Writes the pairs of so many sellers into the store; the first of them are due. Prints nothing.
import type { SessionRecord, TokenStore } from 'axios-renew'
import { postgresStore } from 'axios-renew/postgres'
import { mercadoPago } from 'axios-renew/providers'
import { redisStore } from 'axios-renew/redis'
import pg from 'pg'
import { createClient } from 'redis'

const { REDIS_URL, DATABASE_URL, MP_CLIENT_ID = '', MP_CLIENT_SECRET = '', MP_TOKEN_ENDPOINT } = process.env
const [count = 0, due = 0] = process.argv.slice(2).map(Number)
const DAY = 24 * 3600_000
const { client } = mercadoPago({ clientId: MP_CLIENT_ID, clientSecret: MP_CLIENT_SECRET, tokenEndpoint: MP_TOKEN_ENDPOINT })

function recordOf(i: number): SessionRecord {
  // Of those that are not due, some have ended, and some have signed out.
  const isOver = i >= due && i % 10
  const left = i < due || isOver === 1 ? 10 : 100
  const issuedAt = Date.now() - (180 - left) * DAY
  const tokens = {
    accessToken: `APP_USR-${i}-0`,
    refreshToken: `TG-${i}-0`,
    tokenType: 'Bearer',
    issuedAt,
    expiresAt: issuedAt + 180 * DAY,
  }
  return {
    tokens: isOver === 2 ? null : tokens,
    generation: 1,
    lineage: `sign-in of ${i}`,
    client,
    ...(isOver === 1 && { endedAt: Date.now() }),
  }
}

async function seed(store: TokenStore): Promise<void> {
  for (let from = 0; from < count; from += 100)
    await Promise.all(Array.from({ length: Math.min(100, count - from) }, (_, k) => store.write(`${from + k}`, recordOf(from + k), null)))
}

if (REDIS_URL) {
  const redis = createClient({ url: REDIS_URL })
  await redis.connect()
  await seed(redisStore(redis))
  await redis.close()
} else {
  const db = new pg.Pool({ connectionString: DATABASE_URL })
  const store = postgresStore(db)
  await store.setup()
  await seed(store)
  await db.end()
}
