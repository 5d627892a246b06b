import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios from 'axios'
import { close, listen, readText } from '../../../examples/servers/listen.ts'
import type { Authority, Tokens } from './authority.ts'

/** A request that arrived at the API. */
export interface Arrival {
  path: string
  authorization?: string
  body: string
}

/** An API and its token endpoint on loopback, for what only a real wire shows. */
export interface RealServer {
  readonly url: string
  /** What arrived at the API. */
  readonly arrivals: Arrival[]
  /** The token request of an app that uses a bare client. */
  refresh(refreshToken: string): Promise<Tokens>
  /** Keeps the token endpoint from answering. */
  holdTokens(): { arrived: Promise<void>; release: () => void }
  close(): Promise<void>
}

/** Starts it. */
export async function startServer(authority: Authority): Promise<RealServer> {
  const arrivals: Arrival[] = []
  let beforeAnswer = async () => {}

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tokens = authority.refresh(await readText(request))
    await beforeAnswer()
    reply(response, tokens ? 200 : 400, tokens ?? { error: 'invalid_grant' })
  }

  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', headers } = request
    const { authorization } = headers
    const good = authority.accepts(authorization)
    arrivals.push({ path, authorization, body: await readText(request) })
    reply(response, good ? 200 : 401, { good })
  }

  const server = createServer((request, response) => {
    const service = request.url === '/token' ? token : api
    service(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  return {
    url,
    arrivals,
    refresh: async (refreshToken) => (await axios.post<Tokens>(`${url}/token`, refreshToken)).data,
    holdTokens() {
      const { promise: released, resolve: release } = deferred()
      const { promise: arrived, resolve: arrive } = deferred()
      beforeAnswer = () => {
        arrive()
        return released
      }
      return { arrived, release }
    },
    close: () => close(server),
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
