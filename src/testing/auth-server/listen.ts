import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Http = typeof import('node:http')

/** Not a literal: whoever bundles the rest of it for a browser need not leave it out. */
const NODE_HTTP = ['node', 'http'].join(':')

/** Without `import()` where that can be: jest refuses it in CommonJS. */
async function loadHttp(): Promise<Http> {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => Http }
  return getBuiltinModule?.(NODE_HTTP) ?? import(NODE_HTTP)
}

/** A server on loopback. */
export interface Listener {
  readonly url: string
  close(): Promise<void>
}

/** Listens on a free port of loopback. A response of `Response.error()` becomes a connection that breaks. */
export async function listen(handle: (request: Request) => Promise<Response>): Promise<Listener> {
  const { createServer } = await loadHttp()
  const server = createServer((request, response) => {
    serve(handle, request, response).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) }
}

async function serve(handle: (request: Request) => Promise<Response>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers, url } = request
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = method === 'GET' || method === 'HEAD' ? undefined : Buffer.concat(chunks)
  const answer = await handle(new Request(`http://${headers.host}${url}`, { method, headers: headers as Record<string, string>, body }))
  if (answer.type === 'error') {
    response.destroy()
    return
  }
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
