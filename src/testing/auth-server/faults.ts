import { checkOptions, expectType } from '../../core/check-options.ts'

/**
 * What goes wrong with a token request.
 *
 * - `{ status, body?, headers? }`: answered so; the server has not looked at the tokens. `body` is sent as JSON, a string as it is.
 * - `'drop'`: the connection is lost before the server has acted.
 * - `'lost-answer'`: the server acts (the refresh token is spent), and its answer is lost.
 * - `'hang'`: the server acts, and its answer does not come before `release()`.
 */
export type Fault =
  | {
      /** The HTTP status of the answer. */
      status: number
      /** Sent as JSON, a string as it is. Default: no body. */
      body?: unknown
      /** Further headers, such as `retry-after`. Default: none. */
      headers?: Record<string, string>
    }
  | 'drop'
  | 'lost-answer'
  | 'hang'

/** The faults to come. */
export interface Faults {
  /** For the next `times` requests. */
  add(fault: Fault, times: number): void
  /** No more of them. */
  clear(): void
  /** Lets the answers go that hang. */
  release(): void
  /** Answers a token request: as `act` says, but for what goes wrong. */
  answer(act: () => Promise<Response>): Promise<Response>
}

export function createFaults(): Faults {
  const queue: { fault: Fault; times: number }[] = []
  let hanging: (() => void)[] = []

  function next(): Fault | undefined {
    const [first] = queue
    if (first && --first.times <= 0) queue.shift()
    return first?.fault
  }

  return {
    add(fault, times) {
      expectType('fail', fault, "'drop'|'lost-answer'|'hang'|object")
      // What cannot be answered is a mistake of the test, and told where it is made.
      if (typeof fault === 'object')
        respond(checkOptions('fail', fault, { status: 'number!', body: 'object|array|string|null', headers: 'object' }))
      expectType("fail: 'times'", times, 'number')
      if (times > 0) queue.push({ fault, times })
    },
    clear() {
      queue.length = 0
    },
    release() {
      for (const release of hanging.splice(0)) release()
    },
    async answer(act) {
      const fault = next()
      if (fault === 'drop') return Response.error()
      if (typeof fault === 'object') return respond(fault)
      const response = await act()
      if (fault === 'lost-answer') return Response.error()
      if (fault === 'hang') await new Promise<void>((resolve) => (hanging = [...hanging, resolve]))
      return response
    },
  }
}

function respond({ status, body, headers }: Exclude<Fault, string>): Response {
  return body === undefined || typeof body === 'string' ? new Response(body, { status, headers }) : Response.json(body, { status, headers })
}
