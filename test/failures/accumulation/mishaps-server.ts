import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen, readText } from '../../../examples/servers/listen.ts'

/** An API and its token endpoint, whose mishaps come in a fixed order. */
export interface MishapsServer {
  url: string
  /** Token requests, by what became of them. */
  readonly tokenRequests: { answered: number; refused: number; cut: number }
  close(): Promise<void>
}

/**
 * Starts it. `POST /revoke` makes the access token invalid. Every fourth token request is answered with 503 and every
 * ninth is cut off, both before anything is done.
 */
export async function startMishapsServer(): Promise<MishapsServer> {
  const tokenRequests = { answered: 0, refused: 0, cut: 0 }
  let generation = 1
  let accepted = 'access-1'
  let count = 0

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = new URLSearchParams(await readText(request)).get('refresh_token')
    // Whoever waits for it has time to leave.
    await new Promise((resolve) => setTimeout(resolve, 10))
    count++
    if (count % 9 === 0) {
      tokenRequests.cut++
      response.destroy()
    } else if (count % 4 === 0) {
      tokenRequests.refused++
      response.writeHead(503).end()
    } else if (sent !== `refresh-${generation}`) {
      response.writeHead(400).end('{"error":"invalid_grant"}')
    } else {
      tokenRequests.answered++
      generation++
      accepted = `access-${generation}`
      const body = { access_token: accepted, refresh_token: `refresh-${generation}`, expires_in: 15_552_000 }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/token') return token(request, response)
    await readText(request)
    if (request.url === '/revoke') accepted = ''
    // `/slow` is waited for by those who have no time.
    if (request.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 15))
    const good = request.url === '/revoke' || request.headers.authorization === `Bearer ${accepted}`
    response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' }).end('{}')
  }

  const server = createServer((request, response) => {
    // A caller that left takes its connection along.
    answer(request, response).catch(() => response.destroy())
  })
  const url = await listen(server)
  return {
    url,
    tokenRequests,
    close: () => close(server),
  }
}
