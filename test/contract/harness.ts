import { createSession, type Session, type SessionOptions, type TokenSet } from 'axios-renew'
import { freshRealm, type Realm } from '../support/realm.ts'
import type { TestClient, TestClientOptions, Transport } from '../support/transport.ts'

/** Where the servers of a run are: two origins with the same services. */
export interface Origins {
  origin: string
  otherOrigin: string
}

/** A session on a client, before a realm of its own. */
export interface Scene {
  realm: Realm
  session: Session
  send: TestClient
  /** What was saved, in order. */
  saved: (TokenSet | null)[]
}

/** The pair that every realm starts with. */
export const FIRST_PAIR = { access_token: 'access-1', refresh_token: 'refresh-1' }

/** Sets a scene; the session starts with the realm's first pair. */
export function setScene(
  transport: Transport,
  { origin }: Origins,
  options: Partial<SessionOptions> = {},
  client: Partial<TestClientOptions> = {},
): Scene {
  const realm = freshRealm(origin)
  const saved: (TokenSet | null)[] = []
  const session = createSession({
    refresh: realm.refresh,
    tokens: FIRST_PAIR,
    save: (tokens) => {
      saved.push(tokens)
    },
    ...options,
  })
  return { realm, session, saved, send: transport.create(session, { baseURL: realm.api, ...client }) }
}

/** The `Authorization` headers that the API saw, in order. */
export async function authorizations(realm: Realm): Promise<(string | undefined)[]> {
  return (await realm.state()).seen.map(({ headers }) => headers.authorization)
}
