import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuthorizationServer } from '../../../../../examples/servers/authorization-server.ts'
import { readText } from '../../../../../examples/servers/listen.ts'
import { serve } from '../../../../support/attached.ts'

/** Stands before an authorization server's token endpoint, and can be out of order. */
export interface TokenEndpoint {
  readonly url: string
  /** How many requests have arrived. */
  readonly requests: number
  /** Answers 503, and the authorization server hears of nothing. */
  down: boolean
  /** Keeps answers back, until it is released. */
  hold(): void
  release(): void
  /** Settles when a request has arrived. */
  readonly requested: Promise<void>
}

/** Starts one for a test; it stops with it. */
export async function serveTokenEndpoint(auth: AuthorizationServer): Promise<TokenEndpoint> {
  let requests = 0
  let held: Promise<void> | undefined
  let release = () => {}
  let arrived = () => {}
  const requested = new Promise<void>((resolve) => {
    arrived = resolve
  })

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request)
    requests++
    arrived()
    if (endpoint.down) return void response.writeHead(503).end('maintenance')
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const answer = await fetch(auth.tokenEndpoint, { method: 'POST', headers, body })
    const text = await answer.text()
    await held
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  }

  const url = await serve((request, response) => {
    pass(request, response).catch((error) => response.destroy(error))
  })
  const endpoint: TokenEndpoint = {
    url: `${url}/token`,
    get requests() {
      return requests
    },
    down: false,
    hold() {
      held = new Promise((resolve) => {
        release = resolve
      })
    },
    release: () => release(),
    requested,
  }
  return endpoint
}
