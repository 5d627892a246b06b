import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../../../examples/servers/listen.ts'

/** A token request that stands still on its way. */
export interface Held {
  /** Lets it go on; settles when the server has acted and its answer was passed on. */
  release(): Promise<void>
  /** It gets lost: neither side hears of it again. */
  drop(): void
}

/** The way to a token endpoint. */
export interface Gate {
  readonly url: string
  /** Stops the next token request before the server has it, or its answer when the server has acted. */
  holdNext(what: 'request' | 'answer'): Promise<Held>
}

/** Puts a gate before a token endpoint; it is closed when the test is over. */
export async function startGate(tokenEndpoint: string): Promise<Gate> {
  const wanted: { what: 'request' | 'answer'; hand: (held: Held) => void }[] = []

  function stop(what: 'request' | 'answer', passed: Promise<void>): Promise<void> | undefined {
    if (wanted[0]?.what !== what) return undefined
    const hand = wanted.shift()?.hand
    return new Promise((resolve, reject) => {
      const release = () => {
        resolve()
        return passed
      }
      hand?.({ release, drop: () => reject(new Error('lost on the way')) })
    })
  }

  async function pass(request: IncomingMessage, response: ServerResponse, passed: Promise<void>): Promise<void> {
    const body = await readText(request)
    await stop('request', passed)
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const answer = await fetch(tokenEndpoint, { method: 'POST', headers, body })
    const text = await answer.text()
    await stop('answer', passed)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  }

  const server = createServer((request, response) => {
    let done = () => {}
    const passed = new Promise<void>((resolve) => {
      done = resolve
    })
    pass(request, response, passed)
      .catch(() => response.destroy())
      .finally(done)
  })
  const url = `${await listen(server)}/token`
  onTestFinished(() => close(server))
  return { url, holdNext: (what) => new Promise((hand) => wanted.push({ what, hand })) }
}
