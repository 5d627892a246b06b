import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { serve } from '../../support/attached.ts'

/** An API that refuses the first token of a token server with this body, and takes every other one. */
export async function serveRefusal(body: string | Uint8Array, headers: Record<string, string> = {}, status = 401): Promise<string> {
  return serve((request, response) => {
    const first = request.headers.authorization === 'Bearer a1'
    request.resume().on('end', () => {
      if (first) response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
    })
  })
}

/** The bytes of a response's data, whatever its `responseType` was; of an object that has been parsed, its JSON. */
export async function bytesOf(data: unknown): Promise<Buffer> {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Readable || data instanceof ReadableStream) return buffer(data as Readable)
  if (data instanceof Blob) return Buffer.from(await data.arrayBuffer())
  if (data instanceof ArrayBuffer || data instanceof Uint8Array) return Buffer.from(data as Uint8Array)
  return Buffer.from(JSON.stringify(data))
}
