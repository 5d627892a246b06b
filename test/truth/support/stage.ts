import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { attach, createSession, type Session, type SessionOptions } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import { onTestFinished } from 'vitest'
import type { Stage } from '../../../examples/demo/stage.ts'
import { startMercadoPago } from '../../../examples/servers/mercado-pago.ts'
import { startPaymentsApi } from '../../../examples/servers/payments-api.ts'
import { createHold, type Hold } from './hold.ts'
import { openRow, type Row } from './row.ts'

/** The seller whose tokens every test is about. */
export const SELLER = 4711

/** What the servers have seen; no client can talk its way around it. */
export interface Seen {
  tokenRequests: number
  /** Token requests that were answered with tokens. */
  refreshes: number
  /** Refresh tokens that came a second time. */
  reused: number
  grantsRevoked: number
  /** What the payments API has answered. */
  ok: number
  unauthorized: number
  /** Requests that brought the payments API a token that was not on the disk yet. */
  usedBeforeSaved: number
}

/** The stage of the demo, with what a proof wants to direct and to count. */
export interface TruthStage extends Stage {
  readonly file: Row
  /** What was written, in order. */
  readonly written: readonly Record<string, unknown>[]
  /** The access tokens that arrived at the payments API, in order; empty for none. */
  readonly arrivals: readonly string[]
  /** How long the payments API takes for an answer, in ms, once it has judged the token. */
  latency: () => number
  /** Keeps the payments API's next answer back. */
  holdNextAnswer(): Hold
  /** Makes an access token invalid, as 180 days would. Default: the first. */
  expire(accessToken?: string): Promise<void>
  /** The seller takes the grant back: its tokens are dead. */
  revoke(refreshToken: string): Promise<void>
  seen(): Seen
}

/** Starts the servers for one test; they stop with it. */
export async function startStage(): Promise<TruthStage> {
  const server = await startMercadoPago()
  const pair = await server.authorize(SELLER)
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-truth-'))
  const row = openRow(join(folder, 'seller.json'), () => stage.onWritten())
  const arrivals: string[] = []
  const written: Record<string, unknown>[] = []
  const known = new Set(['', pair.access_token])
  let usedBeforeSaved = 0
  let hold: Hold | undefined

  async function accepts(token: string): Promise<boolean> {
    arrivals.push(token)
    if (!known.has(token)) usedBeforeSaved++
    const held = hold
    hold = undefined
    // Judged on arrival; then the answer travels. That is how a 401 comes late.
    const good = await server.accepts(token)
    const ms = stage.latency()
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    await held?.wait()
    return good
  }

  const payments = await startPaymentsApi({ accepts })
  const stage: TruthStage = {
    server,
    payments,
    pair,
    written,
    arrivals,
    latency: () => 0,
    onWritten: () => {},
    file: {
      ...row,
      async write(tokens) {
        await row.write(tokens)
        const { accessToken, access_token = accessToken } = Object(tokens)
        known.add(access_token)
        written.push(Object(tokens))
      },
    },
    get replayed() {
      return arrivals.filter((token) => token !== pair.access_token).length
    },
    holdNextAnswer() {
      hold = createHold()
      return hold
    },
    expire: (accessToken = pair.access_token) => server.expire(accessToken),
    async revoke(token) {
      const client = { client_id: server.clientId, client_secret: server.clientSecret }
      await fetch(server.revocationEndpoint, { method: 'POST', body: new URLSearchParams({ token, ...client }) })
    },
    grantAlive: () => server.grantAlive(String(SELLER)),
    seen() {
      const { tokenRequests, refreshes, reused, grantsRevoked } = server.counters
      const { ok, unauthorized } = payments.counters
      return { tokenRequests, refreshes, reused, grantsRevoked, ok, unauthorized, usedBeforeSaved }
    },
    async strike() {
      await Promise.all([payments.close(), server.close(), rm(folder, { recursive: true })])
    },
  }
  onTestFinished(() => stage.strike())
  return stage
}

/** What a process does when it starts: a session over the row. */
export function startSession({ server, file }: TruthStage, options: Partial<SessionOptions> = {}, tokenEndpoint?: string): Session {
  const { clientId, clientSecret } = server
  return createSession({
    ...mercadoPago({ clientId, clientSecret, tokenEndpoint: tokenEndpoint ?? server.tokenEndpoint }),
    account: SELLER,
    load: file.read,
    save: (tokens) => file.write(tokens),
    ...options,
  })
}

/** An instance for the payments API, with the session attached to it. */
export function connect({ payments }: TruthStage, session: Session, config: CreateAxiosDefaults = {}): AxiosInstance {
  const api = axios.create({ baseURL: payments.url, ...config })
  attach(api, session)
  return api
}

/** `n` times. */
export function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i))
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
