// Sends very many requests and tells what is left of them. Run with --expose-gc.
import { getEventListeners } from 'node:events'
import axios from 'axios'
import { attach, createSession } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { CountingClock } from './counting-clock.ts'

const REQUESTS = Number(process.argv[2])
const BATCH = 500

const warnings: string[] = []
process.on('warning', ({ message }) => warnings.push(message))
process.on('unhandledRejection', (error) => warnings.push(String(error)))

const clock = new CountingClock()

let current = 1
let refreshes = 0
const session = createSession({
  clock,
  tokens: { access_token: 'access-1', refresh_token: 'refresh-1' },
  refresh: async () => {
    refreshes++
    return { access_token: `access-${current}`, refresh_token: `refresh-${current}` }
  },
})
const accepts = (authorization: unknown) => authorization === `Bearer access-${current}`

const api = axios.create({
  baseURL: 'https://api.example.com',
  adapter: async (config) => {
    const status = accepts(config.headers.get('Authorization')) ? 200 : 401
    const response = { status, statusText: '', headers: {}, config, data: '{}' }
    if (status === 200) return response
    throw new axios.AxiosError('401', 'ERR_BAD_REQUEST', config, {}, response)
  },
})
attach(api, session)
const fetched = authFetch(session, {
  origins: ['https://api.example.com'],
  fetch: async (_input, init) => new Response('{}', { status: accepts(new Headers(init?.headers).get('Authorization')) ? 200 : 401 }),
})

const { signal } = new AbortController()
let answered = 0

async function batch(): Promise<void> {
  // Every batch begins with a revoked token: all of it waits for one refresh.
  current++
  const requests = Array.from({ length: BATCH }, (_, i) => {
    if (i % 3 === 0) return fetched('https://api.example.com/x', { signal })
    return api.get('/x', i % 3 === 1 ? { signal, timeout: 60_000 } : {})
  })
  for (const { status } of await Promise.all(requests)) if (status === 200) answered++
}

function heap(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const heaps: number[] = []
for (let sent = 0; sent < REQUESTS; sent += BATCH) {
  await batch()
  if ((sent + BATCH) % (REQUESTS / 5) === 0) heaps.push(heap())
}
console.log(
  JSON.stringify({
    answered,
    refreshes,
    heaps,
    warnings,
    abortListeners: getEventListeners(signal, 'abort').length,
    timers: clock.pending + process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  }),
)
