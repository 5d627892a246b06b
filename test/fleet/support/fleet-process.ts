// One process of a fleet: a pool (or one session) over a store that it shares with others. It does what it is told by
// messages, and stops at a step of a refresh where the test wants to kill or to suspend it.
import { Agent } from 'node:http'
import axios from 'axios'
import {
  AuthError,
  attach,
  createSession,
  createSessionPool,
  oauth2,
  type Session,
  type SessionEventName,
  type SessionPool,
  type TokenStore,
} from 'axios-renew'
import { openStore, statements, type Where } from './open-store.ts'

/** Where it can stop; in the order of a refresh. */
export type Step =
  /** The lock is about to be asked for. */
  | 'lock'
  /** It has the lock; nothing is written. */
  | 'locked'
  /** The intent is written; the token request has not left. */
  | 'claimed'
  /** The answer is here; nothing is written. */
  | 'answered'
  /** The answer is written; nobody in this process knows. */
  | 'written'
  /** All is done but for giving the lock back. */
  | 'release'

/** The one argument of the program, in JSON. */
export interface Setup extends Where {
  tokenEndpoint: string
  clientId: string
  clientSecret: string
  api: string
  /** One session of this account, by `createSession`. Default: a pool. */
  account?: string
  stopAt?: Step
  options?: { refreshTimeoutMs?: number; onStoreFailure?: 'reject' | 'proceed'; maxConcurrentRefreshes?: number }
}

/** What it can be told. It answers each with a report. */
export type Order =
  /** That many requests for each account, all at once. */
  | { do: 'request'; accounts: readonly string[]; times: number }
  /** One request after the other, for one account after the other, until it is told to stop. */
  | { do: 'start traffic'; accounts: readonly string[]; everyMs: number }
  | { do: 'stop traffic' }
  | { do: 'report' }
  | { do: 'sign in'; tokens: object }
  | { do: 'sign out' }

/** An event of the session, and when it was told. */
export interface Noted {
  name: SessionEventName
  account: string
  /** In ms since the epoch. */
  at: number
  adopted?: boolean
  generation: number
  /** Of the error. */
  code?: string
  /** When the lock was asked for, if it was. */
  lockAt?: number
}

/** What has happened since the last report. */
export interface Report {
  /** How often requests ended how: by status, or by code of the error. */
  outcomes: Record<string, number>
  /** What errors said; each once. */
  messages: string[]
  events: Noted[]
  /** Statements that were sent to PostgreSQL, since the start. */
  statements: number
}

export type ToProcess = { id: number; order: Order } | { permit: true }
export type FromProcess = { ready: true } | { step: Step } | { id: number; report: Report }

const EVENTS = ['refreshed', 'refresh-failed', 'save-failed', 'signed-in', 'signed-out', 'store-degraded', 'ended'] as const

const {
  tokenEndpoint,
  clientId,
  clientSecret,
  api: baseURL,
  account,
  stopAt,
  options,
  ...where
}: Setup = JSON.parse(String(process.argv[2]))
const tell = (message: FromProcess) => process.send?.(message)

let wanted = stopAt
let permit = () => {}

/** Stops here, once, if the test wants that. */
async function step(name: Step): Promise<void> {
  if (name !== wanted) return
  wanted = undefined
  const permitted = new Promise<void>((resolve) => {
    permit = resolve
  })
  tell({ step: name })
  await permitted
}

const lockAt = new Map<string, number>()

/** The same store, with a stop between its steps. */
function withStops(store: TokenStore): TokenStore {
  return {
    ...store,
    async write(name, record, expected) {
      const version = await store.write(name, record, expected)
      if (record.refreshStartedAt !== undefined) await step('claimed')
      else if (record.generation > 1) await step('written')
      return version
    },
    async lock(name, work, waiting) {
      await step('lock')
      lockAt.set(name, Date.now())
      return store.lock(
        name,
        async (lease) => {
          await step('locked')
          const result = await work(lease)
          await step('release')
          return result
        },
        waiting,
      )
    },
  }
}

let report: Report = { outcomes: {}, messages: [], events: [], statements: 0 }

function takeReport(): Report {
  const taken = { ...report, statements: statements() }
  report = { outcomes: {}, messages: [], events: [], statements: 0 }
  return taken
}

const endpoint = oauth2({ tokenEndpoint, clientId, clientSecret })
const common = {
  ...endpoint,
  ...options,
  refresh: Object.assign(async (...given: Parameters<typeof endpoint.refresh>) => {
    const answer = await endpoint.refresh(...given)
    await step('answered')
    return answer
  }, endpoint.refresh),
  store: withStops(await openStore(where)),
}
const session: Session | undefined = account === undefined ? undefined : createSession({ ...common, account })
const target: Session | SessionPool = session ?? createSessionPool(common)
for (const name of EVENTS) {
  target.on(
    name,
    ({ account, generation, adopted, error }: { account: string; generation: number; adopted?: boolean; error?: AuthError }) => {
      report.events.push({ name, account, generation, at: Date.now(), adopted, code: error?.code, lockAt: lockAt.get(account) })
    },
  )
}

// Not a socket for each of thousands of requests.
const api = axios.create({ baseURL, httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) })
attach(api, target)

async function request(whose: string): Promise<void> {
  const outcome: string | number = await api.get('/v1/payments/1', { renew: { account: whose } }).then(
    ({ status }) => status,
    (error) => {
      if (!report.messages.includes(error.message)) report.messages.push(error.message)
      return error instanceof AuthError ? error.code : (error.response?.status ?? error.code ?? error.message)
    },
  )
  report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1
}

let traffic: NodeJS.Timeout | undefined
const underWay = new Set<Promise<void>>()

async function obey(order: Order): Promise<void> {
  if (order.do === 'request') {
    await Promise.all(order.accounts.flatMap((name) => Array.from({ length: order.times }, () => request(name))))
  } else if (order.do === 'start traffic') {
    let next = 0
    traffic = setInterval(() => {
      const sent = request(String(order.accounts[next++ % order.accounts.length]))
      underWay.add(sent)
      void sent.then(() => underWay.delete(sent))
    }, order.everyMs)
  } else if (order.do === 'stop traffic') {
    clearInterval(traffic)
    await Promise.all(underWay)
  } else if (order.do === 'sign in') {
    await session?.signIn({ ...order.tokens })
  } else if (order.do === 'sign out') {
    await session?.signOut()
  }
}

process.on('message', (message: ToProcess) => {
  if ('permit' in message) return permit()
  const { id, order } = message
  void obey(order).then(() => tell({ id, report: takeReport() }))
})
// Whoever started it is gone, or wants it to end: its connections are closed with it.
process.on('disconnect', () => process.exit())
tell({ ready: true })
