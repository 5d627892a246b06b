// Holds the sessions of very many sellers, and tells how much memory they take. Run with --expose-gc.
import { createSessionPool, type SessionPool } from 'axios-renew'
import { endlessStore, heap, touchAll } from '../../../../bench/memory/accounts.ts'

const [idle = 0, many = 0] = process.argv.slice(2).map(Number)

function createPool(): SessionPool {
  return createSessionPool({ refresh: () => null, client: 'c', store: endlessStore, maxIdleSessions: 10_000 })
}

/** Uses the sessions of these accounts. */
function use(pool: SessionPool, from: number, to: number): Promise<void> {
  return touchAll((account) => pool.session(account).getTokens(), from, to)
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
