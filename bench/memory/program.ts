// Holds the tokens of very many accounts in one of several ways, and tells how much memory that takes. Run with --expose-gc.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import type * as Library from '../../src/index.ts'

const [way = '', cap = '', ...steps] = process.argv.slice(2)
const DAY = 24 * 3600_000

/** As long as those of Mercado Pago, and each with bytes of its own. */
function tokensOf(account: number): Library.TokenSet {
  const hex = (length: number) => Math.random().toString(16).slice(2, 10).padEnd(length, String(account))
  return {
    accessToken: `APP_USR-${hex(16)}-112205-${hex(32)}-${account}`,
    refreshToken: `TG-${hex(24)}-${account}`,
    tokenType: 'Bearer',
    issuedAt: Date.now(),
    expiresAt: Date.now() + 180 * DAY,
    scope: 'offline_access read write',
    extra: { user_id: account, public_key: `APP_USR-${hex(36)}`, live_mode: true },
  }
}

/** Makes what uses the tokens of one account. */
type Use = (account: number) => unknown

async function pool(maxIdleSessions: number): Promise<Use> {
  const { createSessionPool } = (await import(pathToFileURL(resolve('dist/index.mjs')).href)) as typeof Library
  // It keeps nothing: what is measured is the pool.
  const store: Library.TokenStore = {
    read: async (account) => ({ record: { tokens: tokensOf(Number(account)), generation: 1, lineage: 'l', client: 'c' }, version: '1' }),
    write: async () => '2',
    lock: (_account, work) => work({ signal: new AbortController().signal }),
    watch: () => () => {},
  }
  const sessions = createSessionPool({ refresh: () => null, client: 'c', store, maxIdleSessions })
  return (account) => sessions.session(account).getTokens()
}

function map(): Use {
  const tokens = new Map<number, Library.TokenSet>()
  return (account) => tokens.set(account, tokensOf(account))
}

/** A library that knows one session needs an instance for each. */
function instances(): Use {
  const clients = new Map<number, unknown>()
  return (account) => {
    const api = axios.create({ baseURL: 'https://api.example.com' })
    let tokens = tokensOf(account)
    api.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${tokens.accessToken}`)
      return config
    })
    createAuthRefresh(api, async () => {
      tokens = tokensOf(account)
    })
    clients.set(account, api)
  }
}

/** Uses these accounts, a few at a time. */
async function touchAll(use: Use, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, to - i) }, (_, k) => use(100_000_000 + i + k)))
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

const ways: Record<string, () => Use | Promise<Use>> = { pool: () => pool(Number(cap)), map, instances }
const open = ways[way]
if (!open) throw new Error(`no such way: ${way}`)
const warmUp = await open()
await touchAll(warmUp, 0, 1000)
const before = await heap()
const use = await open()
const heaps: number[] = []
let done = 0
for (const accounts of steps.map(Number)) {
  await touchAll(use, done, accounts)
  done = accounts
  heaps.push((await heap()) - before)
}
// All that they hold is alive to the end.
await warmUp(1)
await use(1)
console.log(JSON.stringify(heaps))
