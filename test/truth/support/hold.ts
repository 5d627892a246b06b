import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../../examples/servers/listen.ts'

/** An answer that a server keeps back. */
export interface Hold {
  /** Settles when there is an answer to keep back. */
  readonly arrived: Promise<void>
  /** Lets it go. */
  release(): void
  /** For the server: waits until it is let go. */
  wait(): Promise<void>
}

export function createHold(): Hold {
  const arrival = deferred()
  const released = deferred()
  return {
    arrived: arrival.promise,
    release: released.resolve,
    wait() {
      arrival.resolve()
      return released.promise
    },
  }
}

/** A token endpoint with a gate before its answers. */
export interface GatedEndpoint {
  readonly url: string
  /** Keeps the next answer back; the authorization server has acted by then. */
  holdNextAnswer(): Hold
}

/** Puts a gate before a token endpoint, for one test. */
export async function gate(tokenEndpoint: string): Promise<GatedEndpoint> {
  let hold: Hold | undefined

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const answer = await fetch(tokenEndpoint, { method: 'POST', headers, body: await readText(request) })
    const body = await answer.text()
    const held = hold
    hold = undefined
    await held?.wait()
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body)
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  onTestFinished(() => close(server))
  return {
    url,
    holdNextAnswer() {
      hold = createHold()
      return hold
    },
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
