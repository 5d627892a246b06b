import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen, readText } from '../../../examples/servers/listen.ts'
import { Gate } from './gate.ts'

/** What became of one sign-in. */
interface Grant {
  accessToken: string
  refreshToken: string
  spent: Set<string>
  revoked: boolean
}

/**
 * A site with pages, an API, and a strict token endpoint: a refresh token works once, and one that is used twice
 * revokes its grant.
 */
export class Site {
  /** Counted when they arrive. */
  tokenRequests = 0
  /** Requests to the API, and those that were refused. */
  requests = 0
  refusals = 0
  /** Holds token requests before the server has acted on them. */
  readonly beforeCommit = new Gate()
  /** Holds answers of token requests on which the server has acted. */
  readonly beforeAnswer = new Gate()
  /** Holds whoever asks for `/gate`. */
  readonly gate = new Gate()
  /** Seconds. */
  expiresIn = 3600
  readonly #grants: Grant[] = []
  readonly #script: string
  #pairs = 0
  #port = 0
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error) => response.destroy(error))
  })

  /** @param script what its pages run. */
  constructor(script: string) {
    this.#script = script
  }

  async start(): Promise<void> {
    this.#port = Number(new URL(await listen(this.#server)).port)
  }

  async stop(): Promise<void> {
    for (const gate of [this.beforeCommit, this.beforeAnswer, this.gate]) gate.open()
    this.#server.closeAllConnections()
    await close(this.#server)
  }

  /** Where it is found, by that name. */
  origin(host = '127.0.0.1'): string {
    return `http://${host}:${this.#port}`
  }

  /** Grants that were revoked because a refresh token came twice. */
  get revoked(): number {
    return this.#grants.filter(({ revoked }) => revoked).length
  }

  /** How many pairs it has given, sign-ins included. */
  get pairs(): number {
    return this.#pairs
  }

  /** From now on the API refuses the current access tokens. */
  expireAccessTokens(): void {
    for (const grant of this.#grants) grant.accessToken = ''
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const handlers: Record<string, () => Promise<void> | void> = {
      '/script.js': () => void response.setHeader('content-type', 'text/javascript').end(this.#script),
      '/sign-in': () => json(response, 200, this.#signIn()),
      '/token': () => this.#token(request, response),
      '/api': () => this.#api(request, response),
      '/gate': async () => {
        await this.gate.pass()
        response.end()
      },
    }
    const page = () => void response.setHeader('content-type', 'text/html').end('<!doctype html><script src="/script.js"></script>')
    await (handlers[pathname] ?? page)()
  }

  #signIn(): object {
    const grant = { accessToken: '', refreshToken: '', spent: new Set<string>(), revoked: false }
    this.#grants.push(grant)
    return this.#rotate(grant)
  }

  #rotate(grant: Grant): object {
    this.#pairs++
    grant.spent.add(grant.refreshToken)
    grant.accessToken = `access-${this.#pairs}`
    grant.refreshToken = `refresh-${this.#pairs}`
    return { access_token: grant.accessToken, refresh_token: grant.refreshToken, expires_in: this.expiresIn }
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.tokenRequests++
    const refreshToken = await readText(request)
    await this.beforeCommit.pass()
    // Who has gone away meanwhile has asked for nothing.
    if (request.socket.destroyed) return
    for (const grant of this.#grants) if (grant.spent.has(refreshToken)) grant.revoked = true
    const grant = this.#grants.find((one) => one.refreshToken === refreshToken && !one.revoked)
    if (!grant) return json(response, 400, { error: 'invalid_grant' })
    const pair = this.#rotate(grant)
    await this.beforeAnswer.pass()
    json(response, 200, pair)
  }

  #api(request: IncomingMessage, response: ServerResponse): void {
    this.requests++
    const token = request.headers.authorization?.replace('Bearer ', '')
    const accepted = this.#grants.some((grant) => !grant.revoked && grant.accessToken === token)
    if (!accepted) this.refusals++
    json(response, accepted ? 200 : 401, {})
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
}
