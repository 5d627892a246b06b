import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../examples/servers/listen.ts'

/** What the real server has said. */
export interface RealAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/**
 * What goes wrong on the way to the token endpoint. `reaches`: the real server gets the request, and acts on
 * it, before things go wrong. `answer`: what comes back in place of its answer.
 */
export interface Fault {
  reaches: boolean
  answer(response: ServerResponse, real: RealAnswer | undefined): void
}

/** A proxy before a token endpoint. */
export interface FaultyProxy {
  url: string
  /** What goes wrong from now on; `undefined`: nothing. */
  fault: Fault | undefined
  /** Token requests that came to the proxy. */
  requests: number
}

/** Starts a proxy before a token endpoint; it is closed when the test is over. */
export async function startFaultyProxy(tokenEndpoint: string): Promise<FaultyProxy> {
  const server = createServer(async (request, response) => {
    proxy.requests++
    const { fault } = proxy
    const body = await readText(request)
    const real = !fault || fault.reaches ? await forward(tokenEndpoint, request.headers, body) : undefined
    if (fault) fault.answer(response, real)
    else response.writeHead(Number(real?.status), { 'content-type': 'application/json' }).end(real?.text)
  })
  const proxy: FaultyProxy = { url: `${await listen(server)}/token`, fault: undefined, requests: 0 }
  onTestFinished(() => close(server))
  return proxy
}

async function forward(url: string, { 'content-type': type = '' }: IncomingHttpHeaders, body: string): Promise<RealAnswer> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}
