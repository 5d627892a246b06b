import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MercadoPagoServer, type MercadoPagoTokens, startMercadoPago } from '../servers/mercado-pago.ts'
import { type PaymentsApi, startPaymentsApi } from '../servers/payments-api.ts'
import { createTokenFile, type TokenFile } from './token-file.ts'

/** What a contestant finds: two servers, a seller's first pair, and a file to keep it in. */
export interface Stage {
  readonly server: MercadoPagoServer
  readonly payments: PaymentsApi
  readonly pair: MercadoPagoTokens
  readonly file: TokenFile
  /** Requests that reached the payments API with another token than the first. */
  readonly replayed: number
  /** Called when a pair is on the disk. */
  onWritten: () => void
  /** Makes the seller's access token invalid, as 180 days would. */
  expire(): Promise<void>
  /** Whether the seller can still be served without authorising the app again. */
  grantAlive(): Promise<boolean>
  /** Stops the servers and removes the file. */
  strike(): Promise<void>
}

const SELLER = 4711
/** Answers of the payments API take up to this, so that 401s still come when the refresh is long done. */
export const LATENCY_MS = 400
/** Answers of the token endpoint take this. */
const TOKEN_LATENCY_MS = 120

/** Sets the stage afresh, so that no contestant inherits anything from the one before. */
export async function setStage(): Promise<Stage> {
  const server = await startMercadoPago()
  server.latencyMs = TOKEN_LATENCY_MS
  const pair = await server.authorize(SELLER)
  const accepts = (token: string) => {
    if (token !== pair.access_token) stage.replayed++
    return server.accepts(token)
  }
  const payments = await startPaymentsApi({ accepts, latencyMs: LATENCY_MS })
  const folder = await mkdtemp(join(tmpdir(), 'axios-renew-demo-'))
  const stage = {
    server,
    payments,
    pair,
    file: createTokenFile(join(folder, 'seller.json'), () => stage.onWritten()),
    replayed: 0,
    onWritten: () => {},
    expire: () => server.expire(pair.access_token),
    grantAlive: () => server.grantAlive(String(SELLER)),
    async strike() {
      await Promise.all([payments.close(), server.close(), rm(folder, { recursive: true })])
    },
  }
  return stage
}
