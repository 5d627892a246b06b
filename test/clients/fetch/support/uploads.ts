import type { IncomingMessage, ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type AuthFetchOptions, authFetch, createSession } from 'axios-renew/fetch'
import { serve } from '../../../support/attached.ts'
import { TokenServer } from '../../../support/token-server.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

export const MB = 2 ** 20

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A session, and an API that does with its first request, its second, and so on what a test says. */
export async function setUploads(handlers: Handler[], options: Partial<AuthFetchOptions> = {}) {
  const server = new TokenServer()
  const session = createSession({ refresh: server.refresh, tokens: server.firstPair })
  const arrived: IncomingMessage[] = []
  const url = await serve((request, response) => {
    arrived.push(request)
    handlers[Math.min(arrived.length, handlers.length) - 1]?.(request, response)
  })
  return { url, server, session, arrived, api: authFetch(session, { origins: [url], ...options }) }
}

/** Reads a request to its end, then answers with how long it was. */
export function readAll(status: number): Handler {
  return (request, response) => {
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    request.on('end', () => response.writeHead(status).end(String(size)))
  }
}

/** A stream of `size` bytes that makes them when they are wanted, and tells. */
export function bytesOf(size: number, type?: 'bytes') {
  const source = { made: 0, cancelled: false }
  const pull = (controller: { enqueue(chunk: Uint8Array<ArrayBuffer>): void; close(): void }) => {
    if (source.made >= size) return controller.close()
    const chunk = new Uint8Array(Math.min(MB, size - source.made)).fill(source.made / MB)
    source.made += chunk.length
    controller.enqueue(chunk)
  }
  const cancel = () => {
    source.cancelled = true
  }
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = type
    ? new ReadableStream({ type, pull, cancel })
    : new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  return Object.assign(source, { stream })
}

export function upload(url: string, body: BodyInit, init: RequestInit = {}): Request {
  return new Request(url, { method: 'PUT', body, duplex: 'half', ...init } as RequestInit)
}

/** How much memory the chunks of bodies hold right now. */
export async function memoryHeld(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
  }
  return process.memoryUsage().arrayBuffers
}
