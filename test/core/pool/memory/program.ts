// Holds the sessions of very many sellers, and tells how much memory they take. Run with --expose-gc.
import { createSessionPool, type SessionPool, type TokenSet, type TokenStore } from 'axios-renew'

const [idle = 0, many = 0] = process.argv.slice(2).map(Number)
const DAY = 24 * 3600_000

/** As long as those of Mercado Pago, and each with bytes of its own. */
function tokensOf(account: string): TokenSet {
  const hex = (length: number) => Math.random().toString(16).slice(2, 10).padEnd(length, account)
  return {
    accessToken: `APP_USR-${hex(16)}-112205-${hex(32)}-${account}`,
    refreshToken: `TG-${hex(24)}-${account}`,
    tokenType: 'Bearer',
    issuedAt: Date.now(),
    expiresAt: Date.now() + 180 * DAY,
    scope: 'offline_access read write',
    extra: { user_id: Number(account), public_key: `APP_USR-${hex(36)}`, live_mode: true },
  }
}

/** It keeps nothing: what is measured is the pool. */
const store: TokenStore = {
  read: async (account) => ({ record: { tokens: tokensOf(account), generation: 1, lineage: 'l', client: 'c' }, version: '1' }),
  write: async () => '2',
  lock: (_account, work) => work({ signal: new AbortController().signal }),
  watch: () => () => {},
}

function createPool(): SessionPool {
  return createSessionPool({ refresh: () => null, client: 'c', store, maxIdleSessions: 10_000 })
}

/** Uses the sessions of these accounts, a few at a time. */
async function use(pool: SessionPool, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 50) {
    const accounts = Array.from({ length: Math.min(50, to - i) }, (_, k) => 100_000_000 + i + k)
    await Promise.all(accounts.map((account) => pool.session(account).getTokens()))
    await turn()
  }
}

/** What is weakly referred to can go only between two turns of the event loop, which a store of the network brings along. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await turn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

await use(createPool(), 0, 1000)
const before = await heap()
const pool = createPool()
await use(pool, 0, idle)
const perSession = ((await heap()) - before) / idle
await use(pool, idle, 50_000)
const early = await heap()
await use(pool, 50_000, many)
const late = await heap()
// Both pools and all that they hold are alive to the end.
await pool.session(1).getTokens()
console.log(JSON.stringify({ perSession, early, late }))
