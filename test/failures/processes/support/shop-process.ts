// A program that keeps its tokens in a file. It announces every step over IPC and waits for permission to
// take it, so that a test can kill or stop it exactly there. Nothing but the library keeps it alive: it
// listens to the channel only while it waits for a permission.
import { EventEmitter, once } from 'node:events'
import { open, readFile, rename } from 'node:fs/promises'
import axios, { getAdapter } from 'axios'
import { AuthError, attach, createSession, oauth2, type TokenSet } from 'axios-renew'
import { MovableClock } from '../../../truth/support/movable-clock.ts'

/** What the program waits for permission to do. */
export type Step =
  /** The session is made; nothing has been loaded. */
  | 'start'
  /** `refresh` is called; the token request has not left. */
  | 'refresh'
  /** The answer is here; the session does not know it yet. */
  | 'answered'
  /** `save` is called. */
  | 'save'
  /** The new pair is in a file beside the real one. */
  | 'drafted'
  /** Only half of the new pair is in the file. */
  | 'torn'
  /** The new pair is in the file; `save` has not settled. */
  | 'renamed'
  /** The refused request is about to be sent again. */
  | 'replay'
  /** `revoke` is called; what it does has not been done. */
  | 'revoke'
  /** SIGTERM has come; `session.close()` is under way. */
  | 'closing'
  /** The script says so. */
  | 'pause'

/**
 * What the program does, one after the other. `refreshing`: waits until a refresh is under way; `settled`:
 * until one has worked or failed.
 */
export type Action = 'request' | 'ten requests' | 'sign in' | 'sign out' | 'pause' | 'refreshing' | 'settled' | 'exit'

/** The one argument of the program, in JSON. */
export interface Setup {
  tokenEndpoint: string
  revocationEndpoint: string
  clientId: string
  clientSecret: string
  api: string
  path: string
  script: Action[]
  /** The pair to sign in with. */
  signInWith?: object
  /** How the file is written: to another file that is then renamed, or over the old content. Default `'renamed'`. */
  writing?: 'renamed' | 'in place'
  /** What the first calls of `save` do, before they work. */
  saves?: ('fail' | 'hang')[]
  /** `refresh` never settles, and nothing else of it is there. */
  refreshHangs?: boolean
  /** For the session. */
  options?: { refreshTimeoutMs?: number; refreshAheadMs?: number; onSaveFailure?: 'serve' | 'reject' }
  /** The session's clock runs so many times faster than the machine's. */
  haste?: number
}

/** What came of the script. */
export interface Report {
  /** For each action: statuses of the API, codes of errors, or `'done'`. */
  outcomes: (string | number)[]
  /** What the errors said. */
  messages: string[]
  status: string
  /** Timers that keep the program alive when the script is over. */
  timers: number
}

/** What the program sends: a step that it wants to take, or its report. */
export type Message = { step: Step } | { report: Report }

const setup: Setup = JSON.parse(String(process.argv[2]))
const { path, script, api: baseURL, signInWith, writing, saves = [], refreshHangs, options, haste = 1, ...endpoint } = setup
const tell = (message: Message) => process.send?.(message)

function step(name: Step): Promise<void> {
  tell({ step: name })
  return new Promise((resolve) => {
    const listen = (permitted: unknown) => {
      if (permitted !== name) return
      process.off('message', listen)
      resolve()
    }
    process.on('message', listen)
  })
}

async function writeTo(file: string, text: string, halfway?: Step): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  const half = Math.floor(text.length / 2)
  await handle.write(text.slice(0, half))
  await handle.sync()
  if (halfway) await step(halfway)
  await handle.write(text.slice(half))
  await handle.sync()
  await handle.close()
}

async function save(tokens: TokenSet | null): Promise<void> {
  await step('save')
  const behaviour = saves.shift()
  if (behaviour === 'fail') throw new Error('disk full')
  // A promise keeps no process alive.
  if (behaviour === 'hang') await new Promise(() => {})
  const text = JSON.stringify(tokens)
  if (writing === 'in place') return writeTo(path, text, 'torn')
  await writeTo(`${path}.draft`, text)
  await step('drafted')
  await rename(`${path}.draft`, path)
  await step('renamed')
}

const refreshing = new EventEmitter()
const begun = once(refreshing, 'begun')
const clock = new MovableClock()
const startedAt = Date.now()
const { now } = clock
clock.now = () => now() + (Date.now() - startedAt) * (haste - 1)
clock.setTimeout = (callback, ms) => setTimeout(callback, ms / haste)
const { refresh, revoke, client } = oauth2(endpoint)
const session = createSession({
  client,
  clock,
  ...options,
  async refresh(tokens, context) {
    await step('refresh')
    refreshing.emit('begun')
    if (refreshHangs) await new Promise(() => {})
    const answer = await refresh(tokens, context)
    await step('answered')
    return answer
  },
  async revoke(tokens) {
    await step('revoke')
    await revoke?.(tokens)
  },
  load: async () => JSON.parse(await readFile(path, 'utf8')),
  save,
})
const settled = new Promise<void>((resolve) => {
  for (const event of ['refreshed', 'refresh-failed', 'ended'] as const) session.on(event, () => resolve())
})

const send = getAdapter(axios.defaults.adapter)
const api = axios.create({
  baseURL,
  adapter: async (config) => {
    if (replays) await step('replay')
    return send(config)
  },
})
let replays = false
session.on('replayed', () => {
  replays = true
})
attach(api, session)

process.once('SIGTERM', async () => {
  const closed = session.close()
  await step('closing')
  await closed
  process.exit()
})

const report: Report = { outcomes: [], messages: [], status: '', timers: 0 }

async function request(): Promise<void> {
  replays = false
  const outcome = await api.get('/v1/payments/1').then(
    ({ status }) => status,
    (error) => {
      report.messages.push(error.message)
      return error instanceof AuthError ? error.code : (error.response?.status ?? error.code)
    },
  )
  report.outcomes.push(outcome)
}

async function done(work: Promise<unknown>): Promise<void> {
  report.outcomes.push(await work.then(() => 'done').catch((error) => error.code))
}

const actions: Record<Action, () => unknown> = {
  request,
  'ten requests': () => Promise.all(Array.from({ length: 10 }, request)),
  'sign in': () => done(session.signIn({ ...signInWith })),
  'sign out': () => done(session.signOut()),
  pause: () => step('pause'),
  refreshing: () => begun,
  settled: () => settled,
  exit: () => process.exit(),
}

await step('start')
for (const action of script) await actions[action]()
const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
tell({ report: { ...report, status: session.status, timers } })
