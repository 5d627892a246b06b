import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AuthorizationServer, startAuthorizationServer, type TokenResponse } from './authorization-server.ts'
import { close, listen, readText } from './listen.ts'

/** A token response of Mercado Pago. */
export interface MercadoPagoTokens extends Omit<TokenResponse, 'token_type'> {
  token_type: 'bearer'
  user_id: number
  public_key: string
  live_mode: boolean
}

/** A running stand-in for Mercado Pago's authorization server. */
export interface MercadoPagoServer extends Omit<AuthorizationServer, 'authorize'> {
  /** Gives a seller's first pair, as the exchange of the authorization code does. */
  authorize(sellerId: number): Promise<MercadoPagoTokens>
}

/**
 * Starts an authorization server that speaks Mercado Pago's dialect: `POST /oauth/token` with JSON,
 * and its own error bodies. Behind it is a real one, with single-use refresh tokens.
 */
export async function startMercadoPago(): Promise<MercadoPagoServer> {
  const truth = await startAuthorizationServer({ accessToken: 15_552_000 })
  const sellers = new Map<string, number>()

  function dialect(tokens: TokenResponse, sellerId: number): MercadoPagoTokens {
    const { access_token, refresh_token, expires_in, scope } = tokens
    sellers.set(refresh_token, sellerId)
    const public_key = `APP_USR-public-${sellerId}`
    return { access_token, token_type: 'bearer', expires_in, scope, user_id: sellerId, refresh_token, public_key, live_mode: true }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { grant_type, client_id, client_secret, refresh_token } = JSON.parse(await readText(request))
    const sellerId = sellers.get(refresh_token) ?? 0
    const form = new URLSearchParams({ grant_type, client_id, client_secret, refresh_token })
    const answered = await fetch(truth.tokenEndpoint, { method: 'POST', body: form })
    const body = (await answered.json()) as TokenResponse & { error?: string; error_description?: string }
    const { error, error_description } = body
    const said = error ? { message: error_description, error, status: 400, cause: [] } : dialect(body, sellerId)
    // Mercado Pago answers 400 for every error, invalid_client included.
    response.writeHead(error ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  }

  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/oauth/token') {
      response.writeHead(404).end()
      return
    }
    answer(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  return {
    ...truth,
    url,
    tokenEndpoint: `${url}/oauth/token`,
    // The delay is the real server's: a copy of the number would be without effect.
    get latencyMs() {
      return truth.latencyMs
    },
    set latencyMs(ms) {
      truth.latencyMs = ms
    },
    authorize: async (sellerId) => dialect(await truth.authorize(String(sellerId)), sellerId),
    async close() {
      await close(server)
      await truth.close()
    },
  }
}
