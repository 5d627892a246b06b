import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../examples/servers/listen.ts'

/** A token endpoint on a socket of its own, for what happens below HTTP. */
export interface Endpoint {
  url: string
  /** The bodies of the requests that arrived, in order. */
  bodies: string[]
}

/** Starts an endpoint that answers so; it is closed when the test is over. */
export async function startEndpoint(
  answer: (response: ServerResponse, request: IncomingMessage, count: number) => void,
): Promise<Endpoint> {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    bodies.push(await readText(request))
    answer(response, request, bodies.length)
  })
  const url = `${await listen(server)}/token`
  onTestFinished(() => close(server))
  return { url, bodies }
}

/** A URL on this machine where nobody listens. */
export async function closedPort(): Promise<string> {
  const server = createServer()
  const url = await listen(server)
  await close(server)
  return `${url}/token`
}

/** Answers with JSON. */
export function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
