// Sends many requests over real connections, of which a share is refused, aborted or too late while token requests fail,
// and tells what is left of them. Run with --expose-gc.
import { getEventListeners } from 'node:events'
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import axios, { isCancel } from 'axios'
import { AuthError, attach, createSession, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { CountingClock } from './counting-clock.ts'

const [baseURL = '', total] = process.argv.slice(2)
const REQUESTS = Number(total)
const BATCH = 100

const warnings: string[] = []
process.on('warning', ({ message }) => warnings.push(message))
process.on('unhandledRejection', (error) => warnings.push(String(error)))

const clock = new CountingClock()

const agent = new Agent({ keepAlive: true, maxSockets: 20 })
const session = createSession({
  ...oauth2({ tokenEndpoint: `${baseURL}/token`, clientId: 'program', request: { httpAgent: agent } }),
  tokens: { access_token: 'access-1', refresh_token: 'refresh-1' },
  clock,
})
const bare = axios.create({ baseURL, httpAgent: agent })
const api = axios.create({ baseURL, httpAgent: agent })
attach(api, session)
const fetched = authFetch(session, { origins: [baseURL] })

const { signal } = new AbortController()
const outcomes: Record<string, number> = { answered: 0, refused: 0, aborted: 0, late: 0, other: 0 }

function outcomeOf(error: unknown): string {
  if (error instanceof AuthError) return /^ERR_REFRESH_(FAILED|UNCERTAIN)$/.test(error.code) ? 'refused' : 'other'
  if (isCancel(error) || (error as Error).name === 'AbortError') return 'aborted'
  return (error as { code?: string }).code === 'ECONNABORTED' ? 'late' : 'other'
}

function request(i: number): Promise<{ status: number }> {
  const controller = new AbortController()
  if (i % 5 < 2) setTimeout(() => controller.abort(), i)
  switch (i % 5) {
    case 0:
      return api.post('/x', { i }, { signal: controller.signal })
    case 1:
      return fetched(`${baseURL}/x`, { signal: controller.signal })
    case 2:
      return api.get('/slow', { signal, timeout: 1 + 2 * i })
    case 3:
      return fetched(`${baseURL}/x`, { signal })
    default:
      return api.get('/x', { signal, timeout: 60_000 })
  }
}

async function batch(): Promise<void> {
  // Every batch begins with a revoked token, after the rest that a failed refresh takes.
  await bare.post('/revoke')
  clock.ahead += 120_000
  const settled = await Promise.allSettled(Array.from({ length: BATCH }, (_, i) => request(i)))
  for (const result of settled) {
    const outcome = result.status === 'rejected' ? outcomeOf(result.reason) : result.value.status === 200 ? 'answered' : 'other'
    outcomes[outcome] = Number(outcomes[outcome]) + 1
    if (outcome === 'other') warnings.push(String(result.status === 'rejected' ? result.reason : result.value.status))
  }
}

/** What there is while nobody does anything. */
async function look() {
  await session.getTokens().catch(() => {})
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    globalThis.gc?.()
  }
  const { freeSockets, sockets, requests } = agent
  const idle = Object.values(freeSockets).flat() as Socket[]
  return {
    heap: process.memoryUsage().heapUsed,
    timers: clock.pending,
    busy: Object.keys(sockets).length + Object.keys(requests).length,
    idle: idle.length,
    /** Connections that keep the program alive. */
    open: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
    /** Listeners of the idle socket that has most. */
    socketListeners: Math.max(0, ...idle.map((socket) => socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0))),
    abortListeners: getEventListeners(signal, 'abort').length,
  }
}

const looks: Awaited<ReturnType<typeof look>>[] = []
for (let sent = 0; sent < REQUESTS; sent += BATCH) {
  await batch()
  if ((sent + BATCH) % (REQUESTS / 5) === 0) looks.push(await look())
}
await session.close()
agent.destroy()
console.log(JSON.stringify({ outcomes, looks, warnings: [...new Set(warnings)], timers: clock.pending }))
