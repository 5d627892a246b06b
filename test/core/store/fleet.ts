import { createSession, memoryStore, type Session, type SessionOptions, type TokenStore } from 'axios-renew'
import { type FakeClock, fakeClock } from 'axios-renew/testing'
import { EVENTS, type NamedEvent } from '../../support/session-kit.ts'
import { TokenServer } from '../../support/token-server.ts'

/** Several processes that share one account over one store. */
export interface Fleet {
  server: TokenServer
  store: TokenStore
  clock: FakeClock
  /** One more process; its events are kept by its number. */
  start(options?: Partial<SessionOptions>): Session
  events: NamedEvent[][]
}

export function createFleet(store: TokenStore = memoryStore()): Fleet {
  const server = new TokenServer()
  const clock = fakeClock()
  const events: NamedEvent[][] = []
  const start = (options: Partial<SessionOptions> = {}) => {
    const session = createSession({ refresh: server.refresh, store, clock, ...options })
    const heard: NamedEvent[] = []
    for (const name of EVENTS) session.on(name, (event) => heard.push({ name, ...event } as NamedEvent))
    events.push(heard)
    return session
  }
  return { server, store, clock, start, events }
}

/** The server's first pair, as a sign-in gives it. */
export function firstPair({ server }: Fleet) {
  return { ...server.firstPair, expires_in: 3600 }
}
