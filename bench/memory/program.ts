// Holds the tokens of very many accounts in one of several ways, and tells how much memory that takes. Run with --expose-gc.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import type * as Library from '../../src/index.ts'
import { endlessStore, heap, tokensOf, touchAll } from './accounts.ts'

const [way = '', cap = '', ...steps] = process.argv.slice(2)

/** Makes what uses the tokens of one account. */
type Use = (account: number) => unknown

async function pool(maxIdleSessions: number): Promise<Use> {
  const { createSessionPool } = (await import(pathToFileURL(resolve('dist/index.mjs')).href)) as typeof Library
  const sessions = createSessionPool({ refresh: () => null, client: 'c', store: endlessStore, maxIdleSessions })
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
