import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  type AuthorizationServer,
  type Lifetimes,
  startAuthorizationServer,
  type TokenResponse,
} from '../../../../examples/servers/authorization-server.ts'
import { type PaymentsApi, startPaymentsApi } from '../../../../examples/servers/payments-api.ts'
import { type Gate, startGate } from './gate.ts'

/** Whose tokens every test is about. */
export const SELLER = 'seller'

/** What the servers have seen. */
export interface Seen {
  /** Requests to the token endpoint. */
  tokenRequests: number
  /** Those of them that were answered with tokens. */
  refreshes: number
  /** Refresh tokens that came a second time. */
  reused: number
  /** Requests to the API, by what they were answered. */
  ok: number
  unauthorized: number
}

/** The servers, and the file that outlives the processes. */
export interface Scene {
  readonly auth: AuthorizationServer
  readonly api: PaymentsApi
  /** The way to the token endpoint. */
  readonly gate: Gate
  /** Where a process keeps its tokens. */
  readonly path: string
  /** The pair of the first authorization. */
  readonly pair: TokenResponse
  seen(): Seen
  /** What is in the file, or in the draft beside it. */
  stored(path?: string): Promise<Record<string, unknown> | null>
  store(content: unknown): Promise<void>
  grantAlive(): Promise<boolean>
}

/** Starts a strict authorization server and an API for one test. The file holds the first pair. */
export async function startScene(lifetimes: Lifetimes = {}): Promise<Scene> {
  const auth = await startAuthorizationServer(lifetimes)
  onTestFinished(() => auth.close())
  const api = await startPaymentsApi({ accepts: auth.accepts })
  onTestFinished(() => api.close())
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-processes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'tokens.json')
  const scene: Scene = {
    auth,
    api,
    gate: await startGate(auth.tokenEndpoint),
    path,
    pair: await auth.authorize(SELLER),
    seen() {
      const { tokenRequests, refreshes, reused } = auth.counters
      const { ok, unauthorized } = api.counters
      return { tokenRequests, refreshes, reused, ok, unauthorized }
    },
    stored: async (file = path) => JSON.parse(await readFile(file, 'utf8')),
    store: (content) => writeFile(path, JSON.stringify(content)),
    grantAlive: () => auth.grantAlive(SELLER),
  }
  await scene.store(kept(scene.pair))
  return scene
}

/** A pair as `save` gets it, just issued. */
function kept({ access_token, refresh_token, expires_in }: TokenResponse): Record<string, unknown> {
  const issuedAt = Date.now()
  return { accessToken: access_token, refreshToken: refresh_token, issuedAt, expiresAt: issuedAt + expires_in * 1000 }
}
