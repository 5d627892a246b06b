// The nightly job of a marketplace: renews the tokens of all sellers that expire within 30 days, so that those who sell
// little are not lost. Run it as often, and on as many machines, as you like: each seller costs one token request.
//
//   REDIS_URL=redis://127.0.0.1:6379 MP_CLIENT_ID=... MP_CLIENT_SECRET=... npx tsx examples/keep-sellers-alive.ts
//   DATABASE_URL=postgres://...      (the same, over PostgreSQL)
//
// Exit code: 0 all is well; 1 some sellers could not be renewed now; 2 sellers must authorise the app again, or the run
// was stopped; 128 + n ended by signal n.
import { constants } from 'node:os'
import { createSessionPool, type RenewReport, type TokenStore } from 'axios-renew'
import { postgresStore } from 'axios-renew/postgres'
import { mercadoPago } from 'axios-renew/providers'
import { redisStore } from 'axios-renew/redis'
import pg from 'pg'
import { createClient } from 'redis'

const DAY = 24 * 3600_000
const { REDIS_URL, DATABASE_URL, MP_CLIENT_ID = '', MP_CLIENT_SECRET = '', MP_TOKEN_ENDPOINT } = process.env

/** Where the pairs of all sellers are. */
async function openStore(): Promise<{ store: TokenStore; close: () => Promise<unknown> }> {
  if (REDIS_URL) {
    const client = createClient({ url: REDIS_URL, disableOfflineQueue: true })
    client.on('error', ({ message }) => console.error(`Redis: ${message}`))
    await client.connect()
    return { store: redisStore(client), close: () => client.close() }
  }
  if (!DATABASE_URL) throw new Error('Say where the tokens are: REDIS_URL or DATABASE_URL')
  const db = new pg.Pool({ connectionString: DATABASE_URL })
  db.on('error', ({ message }) => console.error(`PostgreSQL: ${message}`))
  const store = postgresStore(db)
  await store.setup()
  return { store, close: () => db.end() }
}

/** A bar for a person, a line now and then for a log. */
function showProgress({ examined }: RenewReport, total: number): void {
  const { isTTY, columns } = process.stderr
  if (isTTY) {
    const width = Math.max(10, Math.min(40, columns - 20))
    const done = Math.floor((width * examined) / total)
    process.stderr.write(`\r[${'#'.repeat(done)}${'.'.repeat(width - done)}] ${examined}/${total}${examined === total ? '\n' : ''}`)
  } else if (examined % Math.ceil(total / 10) === 0 || examined === total) {
    process.stderr.write(`${examined} of ${total}\n`)
  }
}

function printSummary({ examined, renewed, adopted, ended, failed, stopped }: RenewReport): void {
  console.log(`sellers looked at   ${examined}`)
  console.log(`  renewed           ${renewed}`)
  console.log(`  by another worker ${adopted}`)
  console.log(`  must authorise    ${ended.length}`)
  console.log(`  failed            ${failed.length}`)
  // They can be told by mail: their access tokens may still work for some days.
  for (const account of ended) console.log(`seller ${account} must authorise the app again`)
  for (const { account, error } of failed) console.log(`seller ${account}: ${error.code}: ${error.message}`)
  if (stopped) console.log(`stopped: ${stopped.message}`)
}

async function run(signal: AbortSignal): Promise<number> {
  const { store, close } = await openStore()
  const pool = createSessionPool({
    ...mercadoPago({ clientId: MP_CLIENT_ID, clientSecret: MP_CLIENT_SECRET, tokenEndpoint: MP_TOKEN_ENDPOINT }),
    store,
  })
  try {
    // Without `accounts` the store is asked as well; they are listed here so that the bar knows how many they are.
    const accounts: string[] = []
    for await (const account of store.due?.(Date.now() + 30 * DAY) ?? []) accounts.push(account)
    const onProgress = (report: RenewReport) => showProgress(report, accounts.length)
    const report = await pool.renewDue({ withinMs: 30 * DAY, accounts, signal, onProgress })
    printSummary(report)
    return report.stopped || report.ended.length > 0 ? 2 : report.failed.length > 0 ? 1 : 0
  } finally {
    // Refreshes under way are finished, and their pairs saved.
    await pool.close()
    await close()
  }
}

const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(name))
process.exitCode = await run(controller.signal).catch((error) => {
  const { aborted, reason } = controller.signal
  console.error(aborted ? `\nended by ${reason}; what was under way is saved` : `${error}`)
  return aborted ? 128 + constants.signals[reason as 'SIGINT'] : 1
})
