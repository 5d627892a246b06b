import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { close } from '../servers/listen.ts'
import type { BackEnd } from './back-end.ts'

/** A running site. */
export interface PageServer {
  readonly url: string
  close(): Promise<void>
}

/** Settings of {@link startPageServer}. */
export interface PageServerOptions {
  /** What its pages run. */
  script: string
  /** What is shown at every address. Default: the page of the shop. */
  page?: URL
  /** What is behind them; closed together with the server. */
  backEnd: Pick<BackEnd, 'answer' | 'close'>
  /** Default: one that is free. */
  port?: number
}

const SHOP = new URL('./page.html', import.meta.url)

/** Serves a page at every address, its script, and its back end, on loopback. */
export async function startPageServer({ script, page = SHOP, backEnd, port = 0 }: PageServerOptions): Promise<PageServer> {
  const html = await readFile(page)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await backEnd.answer(request, response)) return
    const isScript = request.url === '/script.js'
    const type = isScript ? 'text/javascript' : 'text/html'
    response.setHeader('content-type', `${type}; charset=utf-8`).end(isScript ? script : html)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await close(server)
      await backEnd.close()
    },
  }
}
