import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { type AttachOptions, attach, createSession, type Session, type SessionOptions } from 'axios-renew'
import { onTestFinished } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'
import { TokenServer } from './token-server.ts'

/** An instance with a session, and the server that will answer its token requests. */
export interface Attached {
  api: AxiosInstance
  session: Session
  server: TokenServer
  detach: () => void
}

/** Starts a server for one test; it stops with the test. */
export async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler)
  const url = await listen(server)
  onTestFinished(() => close(server))
  return url
}

/** Starts an API that accepts only the given access token; what it saw is in `seen`. */
export async function serveApi(accepted = 'a2'): Promise<{ url: string; seen: (string | undefined)[]; accept: (token: string) => void }> {
  const seen: (string | undefined)[] = []
  let good = accepted
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization)
    const ok = request.headers.authorization === `Bearer ${good}`
    request.resume().on('end', () => response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ ok })))
  })
  return { url, seen, accept: (token) => (good = token) }
}

/** Attaches a session that holds the first pair of a token server. */
export function attached(config: CreateAxiosDefaults, options: AttachOptions = {}, session: Partial<SessionOptions> = {}): Attached {
  const server = new TokenServer()
  const made = createSession({ refresh: server.refresh, tokens: server.firstPair, ...session })
  const api = axios.create(config)
  return { api, server, session: made, detach: attach(api, made, options) }
}
