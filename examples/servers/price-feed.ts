import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { close, listen } from './listen.ts'

/** The code with which many servers say that the token is no good (any more): 4000 to 4999 are free to use. */
export const UNAUTHORIZED = 4401

/** A running WebSocket server. */
export interface PriceFeed {
  /** `ws://...` */
  readonly url: string
  /** Upgrades asked for, and refusals: with status 401, or with close code 4401. */
  readonly counters: { upgrades: number; refused: number }
  /** The paths of all upgrades: no token must be in them. */
  readonly paths: string[]
  /** Sockets whose token was good. */
  readonly connected: ReadonlySet<WebSocket>
  /** Closes the sockets whose token is no good any more, as servers do when its time is over. */
  expel(): Promise<void>
  close(): Promise<void>
}

/** Settings of {@link startPriceFeed}. */
export interface PriceFeedOptions {
  /** Whether an access token is good right now. */
  accepts(accessToken: string): Promise<boolean>
}

/**
 * Starts a feed that sends the price to whoever has a good access token: in the `Authorization` header of the
 * upgrade (else 401), or, for browsers, in the first message `{ "token": "..." }` (else 4401).
 */
export async function startPriceFeed({ accepts }: PriceFeedOptions): Promise<PriceFeed> {
  const counters = { upgrades: 0, refused: 0 }
  const paths: string[] = []
  const connected = new Map<WebSocket, string>()
  const sockets = new WebSocketServer({ noServer: true })

  function admit(socket: WebSocket, token: string): void {
    connected.set(socket, token)
    socket.on('close', () => connected.delete(socket))
    socket.send(JSON.stringify({ price: 10 }))
  }

  function refuse(socket: WebSocket): void {
    counters.refused++
    socket.close(UNAUTHORIZED, 'token refused')
  }

  async function upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    counters.upgrades++
    paths.push(request.url ?? '')
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    if (token !== undefined && !(await accepts(token))) {
      counters.refused++
      connection.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, connection, head, (socket) => {
      if (token !== undefined) return admit(socket, token)
      socket.once('message', async (data) => {
        const { token } = JSON.parse(String(data))
        if (await accepts(token)) admit(socket, token)
        else refuse(socket)
      })
    })
  }

  const server = createServer((_, response) => response.writeHead(426).end())
  server.on('upgrade', (request, connection, head) => {
    upgrade(request, connection, head).catch((error) => connection.destroy(error))
  })
  const url = await listen(server)
  return {
    url: url.replace('http', 'ws'),
    counters,
    paths,
    get connected() {
      return new Set(connected.keys())
    },
    async expel() {
      for (const [socket, token] of connected) {
        if (!(await accepts(token))) refuse(socket)
      }
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      await close(server)
    },
  }
}
