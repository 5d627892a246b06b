/**
 * Uses every part of the public types as an app would. types.test.ts compiles it as it stands, as .mts,
 * as .cts and with bundler resolution, against the declarations in the tarball; it is never run.
 */
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios'
import {
  type AttachOptions,
  AuthError,
  attach,
  BodyNotReplayableError,
  createSession,
  createSessionPool,
  memoryStore,
  oauth2,
  RefreshFailedError,
  type RenewReport,
  type RenewRequestConfig,
  type Session,
  SessionEndedError,
  type SessionOptions,
  type SessionPool,
  type SessionSnapshot,
  type SessionStatus,
  SignedOutError,
  StoreError,
  type TokenSet,
  type TokenStore,
} from 'axios-renew'
import { webStore } from 'axios-renew/browser'
import { encryptedStore } from 'axios-renew/encryption'
import { authFetch, createSession as createSessionOfFetch } from 'axios-renew/fetch'
import { fileStore } from 'axios-renew/file'
import { instrument } from 'axios-renew/opentelemetry'
import { type PostgresPool, postgresStore } from 'axios-renew/postgres'
import { mercadoLibre, mercadoPago } from 'axios-renew/providers'
import { type RedisStoreClient, redisStore } from 'axios-renew/redis'
import { type FakeAuthServer, type FakeClock, type Fault, fakeAuthServer, fakeClock, testStore } from 'axios-renew/testing'

const rows = new Map<string, TokenSet | null>()
const storage: Pick<SessionOptions, 'load' | 'save'> = {
  load: (account) => rows.get(account),
  save: async (tokens, account) => rows.set(account, tokens),
}

const session: Session = createSession({
  ...storage,
  refresh: async (tokens, { account, signal }) => {
    const { data } = await axios.post<Record<string, unknown>>('/refresh', { account, token: tokens.refreshToken }, { signal })
    return data
  },
  tokens: { access_token: 'a', expires_in: '3600' },
  account: 42,
  shouldRefresh: async ({ status, headers, body }) => status === 401 && headers.get('X-Reason') !== 'scope' && (await body()) !== '',
})

export const sessions: Session[] = [
  session,
  createSession({
    ...oauth2({ tokenEndpoint: 'https://auth.example.com/token', clientId: 'app', format: 'json', request: { timeout: 1000 } }),
    ...storage,
  }),
  createSession({ ...mercadoPago({ clientId: 'a', clientSecret: 'b', testToken: true }), ...storage }),
  createSessionOfFetch({ ...mercadoLibre({ clientId: 'a', clientSecret: 'b' }), ...storage }),
]

declare const redis: RedisStoreClient
declare const postgres: PostgresPool

export const stores: TokenStore[] = [
  memoryStore(),
  webStore('shop'),
  redisStore(redis, { prefix: 'shop', leaseMs: 45_000 }),
  postgresStore(postgres, { table: 'shop.tokens' }),
  encryptedStore(fileStore('tokens.json'), { keys: { 2026: new Uint8Array(32) }, use: '2026' }),
]

export async function manyAccounts(): Promise<RenewReport> {
  await postgresStore(postgres).setup()
  const pool: SessionPool = createSessionPool({
    ...mercadoPago({ clientId: 'a', clientSecret: 'b' }),
    store: memoryStore(),
    maxIdleSessions: 1000,
    maxConcurrentRefreshes: 5,
    onStoreFailure: 'reject',
  })
  const many = axios.create({ baseURL: 'https://api.example.com' })
  attach(many, pool)
  await many.get('/me', { renew: { account: 42 } })
  pool.on('store-degraded', ({ account, error }) => `${account} ${error.code}`)
  await pool.session(42).signIn({ accessToken: 'a' })
  const report = await pool.renewDue({ withinMs: 1000, accounts: ['a', 1], onProgress: ({ examined }) => examined.toFixed() })
  await pool.close()
  return report
}

export const suite = (test: (name: string, run: () => Promise<void>) => void): void => testStore({ test, open: () => memoryStore() })

const options: AttachOptions = {
  origins: ['https://api.example.com'],
  authorize: (request, tokens) => {
    request.headers.set('X-Token', tokens.accessToken)
  },
}
const api: AxiosInstance = axios.create({ baseURL: 'https://api.example.com', renew: { account: 'a' } })
export const detach: () => void = attach(api, session, options)
const renew: RenewRequestConfig = { skip: true }
const config: AxiosRequestConfig<string> = { renew }

export async function requests(): Promise<string> {
  await api.get('/public', { renew: { skip: true } })
  await api.post('/upload', 'stream', { ...config, renew: { account: 7, replayBody: () => 'fresh' } })
  await api.request({ url: '/', renew })
  const { data } = await api.get<{ name: string }>('/me', { renew: { account: 'a' } })
  api.interceptors.request.use((request) => {
    request.renew = { ...request.renew, skip: request.url === '/public' }
    return request
  })
  const authorized: typeof fetch = authFetch(session, { origins: '*', shouldRefresh: ({ status }) => status === 401 })
  const response = await authorized('https://api.example.com/me', { method: 'POST', signal: new AbortController().signal })
  return data.name + (await response.text())
}

export async function lifecycle(): Promise<string> {
  await session.signIn({ accessToken: 'a', refreshToken: 'r' })
  const tokens: TokenSet = await session.getTokens({ minValidityMs: 1000, signal: new AbortController().signal })
  await session.refresh({ rejected: tokens })
  await session.signOut()
  await session.close()
  return `${tokens.accessToken} ${tokens.expiresAt?.toFixed()} ${String(tokens.extra?.user_id)}`
}

export const stops: (() => void)[] = [
  session.on('refreshed', ({ account, generation, adopted, durationMs, waiters, expiresAt }) => {
    const numbers: (number | undefined)[] = [generation, durationMs, waiters, expiresAt]
    return adopted ? account : numbers
  }),
  session.on('refresh-failed', async ({ error }) => error.code === 'ERR_REFRESH_UNCERTAIN'),
  session.on('ended', ({ validUntil }) => validUntil?.toFixed()),
  session.on('replayed', ({ late }) => late === true),
  session.on('withheld', ({ reason }) => reason === 'own-credentials'),
]

/** The shape of React's hook. */
declare function useSyncExternalStore<T>(subscribe: (onChange: () => void) => () => void, getSnapshot: () => T): T

export function useStatus(): SessionStatus {
  const snapshot: SessionSnapshot = useSyncExternalStore(session.subscribe, session.getSnapshot)
  return snapshot.status
}

export function advice(error: unknown): string | number | undefined {
  if (error instanceof SessionEndedError || error instanceof SignedOutError) {
    const code: 'ERR_SESSION_ENDED' | 'ERR_SIGNED_OUT' = error.code
    return code
  }
  if (error instanceof RefreshFailedError) return error.code === 'ERR_REFRESH_FAILED' ? error.retryAt : error.code
  if (error instanceof BodyNotReplayableError) return String(error.response)
  if (error instanceof StoreError) return error.code === 'ERR_SAVE_FAILED' ? error.message : error.name
  return error instanceof AuthError ? error.code : undefined
}

const refresh = async () => new SessionEndedError('over', { cause: 1 }) && null

/** What must not compile. */
export const mistakes = [
  // @ts-expect-error: refresh is needed
  () => createSession({}),
  // @ts-expect-error: there is no such option
  () => createSession({ refresh, refreshAhead: 1000 }),
  // @ts-expect-error: milliseconds, not a text
  () => createSession({ refresh, refreshAheadMs: '5m' }),
  // @ts-expect-error: a token set needs an access token
  (): TokenSet => ({ refreshToken: 'r' }),
  // @ts-expect-error: no session
  () => attach(api, {}),
  // @ts-expect-error: a store needs a lock
  () => createSession({ refresh, store: { read: async () => null, write: async () => 'version' } }),
  // @ts-expect-error: an account is named at every request, not once
  () => createSessionPool({ refresh, account: 'a' }),
  // @ts-expect-error: not an axios instance
  () => attach('https://api.example.com', session),
  // @ts-expect-error: a list of origins, or '*'
  () => attach(api, session, { origins: 1 }),
  // @ts-expect-error: fetch has no baseURL that could say where the token may go
  () => authFetch(session),
  // @ts-expect-error: a wrong type
  () => api.get('/', { renew: { skip: 'yes' } }),
  // @ts-expect-error: there is no such option
  () => api.get('/', { renew: { skipped: true } }),
  // @ts-expect-error: there is no such format
  () => oauth2({ tokenEndpoint: 'https://auth.example.com/token', format: 'xml' }),
  // @ts-expect-error: the secret is missing
  () => mercadoPago({ clientId: 'a' }),
  // @ts-expect-error: there is no such event
  () => session.on('expired', () => {}),
  // @ts-expect-error: events carry no token
  () => session.on('refreshed', ({ tokens }) => tokens),
  () => {
    // @ts-expect-error: read only
    session.account = 'b'
  },
]

const clock: FakeClock = fakeClock(new Date('2026-01-01'))
const auth: FakeAuthServer = fakeAuthServer({ reuse: 'grace', graceMs: 1000, expiresIn: null, clientSecret: null, clock })
const fault: Fault = { status: 503, headers: { 'retry-after': '1' } }
auth.fail(fault)
auth.fail('lost-answer', 2)
// @ts-expect-error there is no such fault
auth.fail('dorp')

export async function testKit(): Promise<number> {
  await auth.listen()
  await session.signIn(auth.signIn('maria', { user_id: 1 }))
  await clock.advance(1000)
  const handlers: string[] = auth.handlers({ get: (url) => url, post: (url) => url })
  return handlers.length + auth.counters.tokenRequests
}

export const untold: (() => void)[] = [instrument(session), instrument(createSessionPool({ refresh: () => null }), {})]
// @ts-expect-error a meter is an object
instrument(session, { meter: 'none' })
