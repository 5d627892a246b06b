import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

/** A request as it went over the wire. */
export interface WireRequest {
  method: string
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  /** The raw body. */
  body: string
}

/** What an endpoint answers. */
export interface WireAnswer {
  /** Default 200. */
  status?: number
  headers?: Record<string, string>
  /** An object is sent as JSON, a string as it is. Default: no body. */
  body?: object | string
}

/** The wire of one test: what went over it, and what is to come back. */
export interface Wire {
  /** Every request that was answered, in order. */
  readonly requests: readonly WireRequest[]
  /** The request, when there must have been exactly one. */
  readonly request: WireRequest
  /** Answers the next requests to a URL, whatever their method: each answer once, in this order. */
  answer(url: string, ...answers: WireAnswer[]): void
}

/**
 * Intercepts every request of this file's tests. A test fails when a request goes where no answer was
 * set up, and when an answer that was set up has not been used. The only file that knows msw.
 */
export function interceptWire(): Wire {
  const server = setupServer()
  const requests: WireRequest[] = []
  const unused = new Set<string>()
  const unexpected: string[] = []

  server.events.on('request:unhandled', ({ request }) => {
    unexpected.push(`${request.method} ${request.url}`)
  })
  beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
  afterEach(() => {
    server.resetHandlers()
    const seen = { unused: [...unused], unexpected: unexpected.splice(0) }
    unused.clear()
    requests.length = 0
    expect(seen, 'answers that were not used, and requests that nobody answered').toEqual({ unused: [], unexpected: [] })
  })
  afterAll(() => server.close())

  return {
    requests,
    get request() {
      const [first, ...others] = requests
      if (!first || others.length > 0) throw new Error(`expected one request, got ${requests.length}`)
      return first
    },
    answer(url, ...answers) {
      const handlers = answers.map((answer, index) => {
        const name = `answer ${index + 1} of ${url}`
        unused.add(name)
        return http.all(
          url,
          async ({ request }) => {
            unused.delete(name)
            const { method, headers } = request
            requests.push({ method, url: request.url, headers: Object.fromEntries(headers), body: await request.text() })
            return response(answer)
          },
          { once: true },
        )
      })
      server.use(...handlers)
    },
  }
}

function response({ status = 200, headers, body }: WireAnswer): Response {
  return typeof body === 'object' ? HttpResponse.json(body, { status, headers }) : new HttpResponse(body, { status, headers })
}
