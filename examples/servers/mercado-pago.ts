import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AuthorizationServer, startAuthorizationServer, type TokenResponse } from './authorization-server.ts'
import { close, listen, readText } from './listen.ts'
import { type Application, openConsentPage } from './mercado-pago-consent.ts'

/** A token response of Mercado Pago. */
export interface MercadoPagoTokens extends Omit<TokenResponse, 'token_type'> {
  token_type: 'bearer'
  user_id: number
  public_key: string
  live_mode: boolean
}

/** A running stand-in for Mercado Pago's authorization server. */
export interface MercadoPagoServer extends Omit<AuthorizationServer, 'authorize'> {
  /** Where sellers are sent to allow the application. */
  readonly authorizationPage: string
  /** The application's settings; they may be changed. */
  readonly application: Application
  /** Codes that came to be exchanged; `counters` has the refreshes. */
  readonly codeExchanges: number
  /** Gives a seller's first pair, as the exchange of the authorization code does. */
  authorize(sellerId: number): Promise<MercadoPagoTokens>
  /** Whose access token it is. */
  sellerOf(accessToken: string): number | undefined
  /** The seller takes the authorization back: all tokens of it are dead. */
  disconnect(sellerId: number): Promise<void>
}

type RefreshRequest = Record<'grant_type' | 'client_id' | 'client_secret' | 'refresh_token', string>

/** Settings of {@link startMercadoPago}. */
export interface MercadoPagoSettings {
  /** Default: a free one. */
  port?: number
  /** Answers what is neither for the token endpoint nor for the consent page. Default: 404. */
  elsewhere?: (request: IncomingMessage, response: ServerResponse) => void
}

/**
 * Starts an authorization server that speaks Mercado Pago's dialect: the page where sellers consent, with PKCE,
 * `POST /oauth/token` with JSON, and its own error bodies. Behind it is a real one, with single-use refresh tokens.
 */
export async function startMercadoPago({ port, elsewhere = notFound }: MercadoPagoSettings = {}): Promise<MercadoPagoServer> {
  const truth = await startAuthorizationServer({ accessToken: 15_552_000 })
  const { clientId, clientSecret } = truth
  const application: Application = { clientId, pkce: false }
  const consent = openConsentPage(application)
  const sellers = { byRefreshToken: new Map<string, number>(), byAccessToken: new Map<string, number>() }
  const newest = new Map<number, string>()
  let codeExchanges = 0

  function dialect(tokens: TokenResponse, sellerId: number): MercadoPagoTokens {
    const { access_token, refresh_token, expires_in, scope } = tokens
    sellers.byRefreshToken.set(refresh_token, sellerId)
    sellers.byAccessToken.set(access_token, sellerId)
    newest.set(sellerId, refresh_token)
    const public_key = `APP_USR-public-${sellerId}`
    return { access_token, token_type: 'bearer', expires_in, scope, user_id: sellerId, refresh_token, public_key, live_mode: true }
  }

  const authorize = async (sellerId: number) => dialect(await truth.authorize(String(sellerId)), sellerId)

  async function exchange(sent: Record<string, unknown>): Promise<object> {
    codeExchanges++
    if (sent.client_id !== clientId || sent.client_secret !== clientSecret)
      return refusal('invalid_client', 'invalid client_id or client_secret')
    const sellerId = consent.redeem(sent)
    return sellerId === undefined ? refusal('invalid_grant', 'the code is invalid, expired or used') : authorize(sellerId)
  }

  async function refresh({ grant_type, client_id, client_secret, refresh_token }: RefreshRequest): Promise<object> {
    const sellerId = sellers.byRefreshToken.get(refresh_token) ?? 0
    const form = new URLSearchParams({ grant_type, client_id, client_secret, refresh_token })
    const answered = await fetch(truth.tokenEndpoint, { method: 'POST', body: form })
    const body = (await answered.json()) as TokenResponse & { error?: string; error_description?: string }
    return body.error ? refusal(body.error, body.error_description) : dialect(body, sellerId)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = JSON.parse(await readText(request))
    const said = await (sent.grant_type === 'authorization_code' ? exchange(sent) : refresh(sent))
    // Mercado Pago answers 400 for every error, invalid_client included.
    response.writeHead('error' in said ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  }

  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?')
    const failed = (error: Error) => void response.destroy(error)
    if (request.method === 'POST' && path === '/oauth/token') answer(request, response).catch(failed)
    else if (path === '/authorization') consent.answer(request, response).catch(failed)
    else elsewhere(request, response)
  })
  const url = port === undefined ? await listen(server) : await listenAt(server, port)
  return {
    ...truth,
    url,
    tokenEndpoint: `${url}/oauth/token`,
    authorizationPage: `${url}/authorization`,
    application,
    get codeExchanges() {
      return codeExchanges
    },
    // The delay is the real server's: a copy of the number would be without effect.
    get latencyMs() {
      return truth.latencyMs
    },
    set latencyMs(ms) {
      truth.latencyMs = ms
    },
    authorize,
    sellerOf: (accessToken) => sellers.byAccessToken.get(accessToken),
    async disconnect(sellerId) {
      const token = newest.get(sellerId) ?? ''
      const form = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret })
      await fetch(truth.revocationEndpoint, { method: 'POST', body: form })
    },
    async close() {
      await close(server)
      await truth.close()
    },
  }
}

function refusal(error: string, message = ''): object {
  return { message, error, status: 400, cause: [] }
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end()
}

async function listenAt(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
