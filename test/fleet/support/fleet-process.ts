// One process of a fleet: a pool (or one session) over a store that it shares with others. It does what it is told by
// messages, and stops at a step of a refresh where the test wants to kill or to suspend it.
import { Agent } from 'node:http'
import axios from 'axios'
import { AuthError, attach, createSession, createSessionPool, oauth2, type Session, type SessionPool, type TokenStore } from 'axios-renew'
import { statementsSent } from '../../support/counting-client.ts'
import { openStore } from './open-store.ts'
import type { FromProcess, Order, Outcomes, Report, Setup, Step, ToProcess } from './protocol.ts'

const EVENTS = ['refreshed', 'refresh-failed', 'save-failed', 'signed-in', 'signed-out', 'store-degraded', 'ended'] as const

const {
  tokenEndpoint,
  clientId,
  clientSecret,
  api: baseURL,
  account,
  stopAt,
  options,
  where,
  leaseMs,
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
const writeAt = new Map<string, number>()

/** The same store, with a stop between its steps. */
function withStops(store: TokenStore): TokenStore {
  return {
    ...store,
    async write(name, record, expected) {
      writeAt.set(name, Date.now())
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

function takeReport(ordered: Outcomes = report.outcomes): Report {
  const taken = { ...report, outcomes: ordered, statements: statementsSent() }
  report = { outcomes: ordered === report.outcomes ? {} : report.outcomes, messages: [], events: [], statements: 0 }
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
  store: withStops(await openStore(where, leaseMs)),
}
const session: Session | undefined = account === undefined ? undefined : createSession({ ...common, account })
const target: Session | SessionPool = session ?? createSessionPool(common)
for (const name of EVENTS) {
  target.on(
    name,
    ({ account, generation, adopted, error }: { account: string; generation: number; adopted?: boolean; error?: AuthError }) => {
      report.events.push({
        name,
        account,
        generation,
        at: Date.now(),
        adopted,
        code: error?.code,
        lockAt: lockAt.get(account),
        writeAt: writeAt.get(account),
      })
    },
  )
}

/** Not a socket for each of thousands of requests; used in turn, as the server closes those that are idle for 5 s. */
const newAgent = () => new Agent({ keepAlive: true, maxSockets: 16, scheduling: 'fifo' })
const api = axios.create({ baseURL, httpAgent: newAgent() })
attach(api, target)

async function request(whose: string, outcomes: Outcomes, httpAgent?: Agent): Promise<void> {
  const outcome: string | number = await api.get('/v1/payments/1', { renew: { account: whose }, ...(httpAgent && { httpAgent }) }).then(
    ({ status }) => status,
    (error) => {
      if (!report.messages.includes(error.message)) report.messages.push(error.message)
      return error instanceof AuthError ? error.code : (error.response?.status ?? error.code ?? error.message)
    },
  )
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

let traffic: NodeJS.Timeout | undefined
const underWay = new Set<Promise<void>>()

/** Gives how the requests ended that were ordered. */
async function obey(order: Order): Promise<Outcomes | undefined> {
  if (order.do === 'request') {
    const outcomes: Outcomes = {}
    const agent = newAgent()
    await Promise.all(order.accounts.flatMap((name) => Array.from({ length: order.times }, () => request(name, outcomes, agent))))
    agent.destroy()
    return outcomes
  }
  if (order.do === 'start traffic') {
    let next = 0
    traffic = setInterval(() => {
      const sent = request(String(order.accounts[next++ % order.accounts.length]), report.outcomes)
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
  return undefined
}

process.on('message', (message: ToProcess) => {
  if ('permit' in message) return permit()
  const { id, order } = message
  void obey(order).then((outcomes) => tell({ id, report: takeReport(outcomes) }))
})
// Whoever started it is gone, or wants it to end: its connections are closed with it.
process.on('disconnect', () => process.exit())
tell({ ready: true })
