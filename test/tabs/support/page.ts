import { createSession, type Session, type SessionStatus } from 'axios-renew'
import { webStore } from 'axios-renew/browser'
import { authFetch } from 'axios-renew/fetch'
import type { TokenStore } from '../../../src/core/store/token-store.ts'
import { createWebStore } from '../../../src/stores/web/create-web-store.ts'

/** What a test says when it starts a tab. */
export interface TabOptions {
  /** Of the store, where the default is too long for a test. */
  leaseMs?: number
  refreshTimeoutMs?: number
  /** Wait at the site's gate when the lock is held, before anything is done under it. */
  gateUnderLock?: boolean
}

/** What a page of the site can be told to do. */
export interface Tab {
  start(options?: TabOptions): void
  signIn(): Promise<void>
  signOut(): Promise<void>
  /** Signs out, and loads the page anew as soon as that is told. */
  signOutAndLeave(): void
  /** A request to the API: its status, or the code of its error. */
  request(): Promise<number | string>
  /** Settles when the session is in that status; gives when that was, in ms since the epoch. */
  reaches(status: SessionStatus): Promise<number>
  /** Settles when the session has adopted a pair of another tab. */
  adopts(): Promise<void>
  /** The names of the events so far. */
  events(): string[]
  /** Adds one under the lock, so often. */
  increment(times: number): Promise<void>
  /** How often was added. */
  count(): Promise<number>
  hasWebLocks(): boolean
  /** Whether the page has come out of the back/forward cache. */
  wasKept(): boolean
}

let session: Session
let api: typeof fetch
let store: TokenStore
const events: string[] = []
let kept = false
addEventListener('pageshow', ({ persisted }) => {
  kept = persisted
})

const program: Tab = {
  start({ leaseMs, refreshTimeoutMs, gateUnderLock } = {}) {
    store = leaseMs ? createWebStore('axios-renew', { leaseMs }) : webStore()
    session = createSession({
      refresh,
      refreshTimeoutMs,
      store: gateUnderLock ? gated(store) : store,
    })
    for (const name of ['refreshed', 'refresh-failed', 'save-failed', 'signed-in', 'signed-out', 'ended', 'store-degraded'] as const)
      session.on(name, (event) => events.push('adopted' in event && event.adopted ? 'adopted' : name))
    api = authFetch(session, { origins: [location.origin] })
  },
  async signIn() {
    await session.signIn(await (await fetch('/sign-in', { method: 'POST' })).json())
  },
  signOut: () => session.signOut(),
  signOutAndLeave() {
    session.on('signed-out', () => location.reload())
    void session.signOut()
  },
  request: () =>
    api('/api').then(
      ({ status }) => status,
      (error) => String(error.code ?? error),
    ),
  reaches: (status) =>
    new Promise((resolve) => {
      const look = () => {
        if (session.status !== status) return
        stop()
        resolve(Date.now())
      }
      const stop = session.subscribe(look)
      look()
    }),
  adopts: () =>
    new Promise((resolve) => {
      const stop = session.on('refreshed', ({ adopted }) => {
        if (!adopted) return
        stop()
        resolve()
      })
    }),
  events: () => events,
  async increment(times) {
    const counting = webStore('counting')
    for (let done = 0; done < times; done++) {
      const add = async () => {
        const stored = await counting.read('counter')
        const generation = (stored?.record.generation ?? 0) + 1
        await counting.write('counter', { tokens: null, generation, lineage: 'counter' }, stored?.version ?? null)
      }
      await counting.lock('counter', add, { waitMs: 60_000, signal: new AbortController().signal })
    }
  },
  count: async () => (await webStore('counting').read('counter'))?.record.generation ?? 0,
  hasWebLocks: () => 'locks' in navigator,
  wasKept: () => kept,
}

async function refresh({ refreshToken }: { refreshToken?: string }, { signal }: { signal: AbortSignal }) {
  const response = await fetch('/token', { method: 'POST', body: refreshToken, signal })
  const body = await response.json()
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { response: { status: response.status, data: body } })
  return body
}

/** The lock of this store is held before anything is done under it. */
function gated(inner: TokenStore): TokenStore {
  return {
    ...inner,
    lock: (account, work, options) =>
      inner.lock(
        account,
        async (lease) => {
          await fetch('/gate')
          return work(lease)
        },
        options,
      ),
  }
}

declare global {
  var tab: Tab
}
globalThis.tab = program
