import {
  createSession,
  type Session,
  type SessionEventName,
  type SessionEvents,
  type SessionOptions,
  type TokenInput,
  type TokenSet,
} from 'axios-renew'
import { type FakeClock, fakeClock } from 'axios-renew/testing'
import { onTestFinished } from 'vitest'
import { expectNoToken } from './canary.ts'
import { TokenServer } from './token-server.ts'

/** An event, with its name. */
export type NamedEvent = { [Name in SessionEventName]: { name: Name } & SessionEvents[Name] }[SessionEventName]

/** A session with everything around it that a test wants to look at. */
export interface SessionKit {
  session: Session
  server: TokenServer
  clock: FakeClock
  /** What `save` was called with, in order. */
  saved: (TokenSet | null)[]
  /** What `load` gives. */
  stored: { tokens: TokenInput | null }
  events: NamedEvent[]
}

/** Every event of a session. */
export const EVENTS: SessionEventName[] = [
  'refreshed',
  'refresh-failed',
  'save-failed',
  'signed-in',
  'signed-out',
  'store-degraded',
  'ended',
  'replayed',
  'withheld',
]

/** Makes a session over a row of storage in memory; it starts with the server's first pair. */
export function createKit(options: Partial<SessionOptions> = {}): SessionKit {
  const server = new TokenServer()
  const clock = fakeClock()
  const saved: SessionKit['saved'] = []
  const stored: SessionKit['stored'] = { tokens: { ...server.firstPair, expires_at: clock.now() + 3600_000, issued_at: clock.now() } }
  const session = createSession({
    refresh: server.refresh,
    load: () => stored.tokens,
    save: (tokens) => {
      saved.push(tokens)
      stored.tokens = tokens
    },
    clock,
    ...options,
  })
  const events: NamedEvent[] = []
  for (const name of EVENTS) session.on(name, (event) => events.push({ name, ...event } as NamedEvent))
  onTestFinished(() => {
    for (const event of events) expectNoToken(event, `the event ${event.name}`)
    expectNoToken(session, 'the session')
  })
  return { session, server, clock, saved, stored, events }
}

/** The error a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; [key: string]: unknown }> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`)
    },
    (error) => {
      expectNoToken(error, 'an error')
      return error
    },
  )
}
