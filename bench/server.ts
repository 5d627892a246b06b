import { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/** A pair, as the token endpoint gives it. */
export interface Pair {
  accessToken: string
  refreshToken: string
}

/** How a server answers. */
export interface ServerOptions {
  /** How long the n-th answer of the API takes, in ms. Default: one turn of the event loop. */
  latencyMs?: (request: number) => number
  /** Answers everybody, and before the event loop turns: what is measured is what a client costs and nothing else. */
  open?: boolean
  /** Access tokens are JWTs, for contestants that read them. */
  jwt?: boolean
  /** The first access token has expired an hour ago. */
  expired?: boolean
}

/** How long the token endpoint takes. */
const REFRESH_MS = 5

/** How long an access token lives, in ms. */
const LIFETIME_MS = 3_600_000

/**
 * An API with its authorization server, in this process: no sockets, so what is measured is the client.
 * Refresh tokens are single-use, and one that is sent twice kills the grant with every token of it.
 */
export class BenchServer {
  /** What the app has stored: contestants that leave storing to the app read and write it. */
  stored: Pair
  /** When the first pair was issued, in ms since the epoch. */
  readonly issuedAt: number
  /** Requests to the token endpoint. */
  refreshes = 0
  /** Requests to the API. */
  requests = 0
  /** Those of them that brought a good token. */
  authorized = 0
  grantAlive = true
  readonly adapter: AxiosAdapter
  readonly #accepted = new Set<string>()
  #refreshToken = ''
  readonly #jwt: boolean
  #pairs = 0

  constructor({ latencyMs, open, jwt = false, expired = false }: ServerOptions = {}) {
    this.#jwt = jwt
    this.issuedAt = Date.now() - (expired ? 2 * LIFETIME_MS : 0)
    this.stored = this.#issue(this.issuedAt)
    if (expired) this.revoke()
    this.adapter = async (config) => {
      // Decided when the request arrives; then the answer travels. That is how a 401 comes late.
      const good = this.#accepted.has(String(config.headers.get('Authorization')))
      const request = this.requests++
      if (good) this.authorized++
      if (!open) await (latencyMs ? delay(latencyMs(request)) : turn())
      return answer(config, good || open === true)
    }
  }

  /** The access tokens are refused from now on; the refresh token is still good. */
  revoke(): void {
    this.#accepted.clear()
  }

  /** The token endpoint. */
  async refresh(refreshToken: string): Promise<Pair> {
    this.refreshes++
    const pair = this.grantAlive && refreshToken === this.#refreshToken ? this.#issue() : undefined
    if (!pair) {
      this.grantAlive = false
      this.revoke()
    }
    await delay(REFRESH_MS)
    if (!pair) throw refused()
    return pair
  }

  #issue(issuedAt = Date.now()): Pair {
    this.#pairs++
    const name = `access-${this.#pairs}`
    const pair = { accessToken: this.#jwt ? jwtOf(name, issuedAt + LIFETIME_MS) : name, refreshToken: `refresh-${this.#pairs}` }
    this.#accepted.add(`Bearer ${pair.accessToken}`)
    this.#refreshToken = pair.refreshToken
    return pair
  }
}

/** A JWT that nobody has signed. */
function jwtOf(name: string, expiresAt: number): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ jti: name, exp: Math.floor(expiresAt / 1000) })}.`
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What axios' own adapters do with an answer: headers of their class, and `settle`. */
function answer(config: InternalAxiosRequestConfig, good: boolean): AxiosResponse {
  const status = good ? 200 : 401
  const headers = new AxiosHeaders({ 'content-type': 'application/json' })
  const request = {}
  const data = good ? '{"status":"approved"}' : '{"error":"invalid_token"}'
  const response = { data, status, statusText: '', headers, config, request }
  if (!config.validateStatus || config.validateStatus(status)) return response
  throw new AxiosError(`Request failed with status code ${status}`, AxiosError.ERR_BAD_REQUEST, config, request, response)
}

function refused(): AxiosError {
  const config = { headers: new AxiosHeaders() }
  const response = { data: { error: 'invalid_grant' }, status: 400, statusText: '', headers: {}, config }
  return new AxiosError('Request failed with status code 400', AxiosError.ERR_BAD_REQUEST, config, {}, response)
}
