import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen } from './listen.ts'

/** A running server of server-sent events. */
export interface EventFeed {
  readonly url: string
  /** Requests, those of them that got 401, and streams that are open now. */
  readonly counters: { requests: number; unauthorized: number; open: number }
  /** What each stream that was opened came with in `Last-Event-ID`. */
  readonly lastEventIds: (string | undefined)[]
  /** Sends an event to all streams, and keeps it for those that come back later. */
  send(data: string): void
  /** Ends all streams, as a proxy or a deployment does. */
  cut(): void
  /** Settles when no stream is open. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Settings of {@link startEventFeed}. */
export interface EventFeedOptions {
  /** Whether an access token is good right now. */
  accepts(accessToken: string): Promise<boolean>
}

/** Starts a feed of events for whoever has a good access token; they come back after 20 ms, with the id of their last event. */
export async function startEventFeed({ accepts }: EventFeedOptions): Promise<EventFeed> {
  const counters = { requests: 0, unauthorized: 0, open: 0 }
  const lastEventIds: (string | undefined)[] = []
  const events: string[] = []
  const streams = new Set<ServerResponse>()
  let idle: (() => void)[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counters.requests++
    if (!(await accepts(request.headers.authorization?.replace(/^Bearer /, '') ?? ''))) {
      counters.unauthorized++
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"token expired"}')
      return
    }
    const last = request.headers['last-event-id']
    lastEventIds.push(last === undefined ? undefined : String(last))
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 20\n\n')
    for (const event of events.slice(Number(last ?? 0))) response.write(event)
    streams.add(response)
    counters.open++
    response.on('close', () => {
      streams.delete(response)
      counters.open--
      if (counters.open > 0) return
      for (const tell of idle) tell()
      idle = []
    })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  return {
    url,
    counters,
    lastEventIds,
    send(data) {
      const event = `id: ${events.length + 1}\ndata: ${data}\n\n`
      events.push(event)
      for (const stream of streams) stream.write(event)
    },
    cut() {
      for (const stream of streams) stream.end()
    },
    idle: () => new Promise((resolve) => (counters.open === 0 ? resolve() : idle.push(resolve))),
    close: () => close(server),
  }
}
