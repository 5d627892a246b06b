import type { App, Library, Wired } from '../libraries/library.ts'
import { Authority } from '../support/authority.ts'
import { type Latency, Wire } from '../support/wire.ts'

/** Something that was seen: what JSON can hold. */
export type Fact = number | boolean | string | readonly Fact[]
export type Facts = Readonly<Record<string, Fact>>

/** One row of the comparison: a situation every library is put in. */
export interface Scenario<Seen extends Facts = Facts> {
  readonly id: string
  /** The row's title. */
  readonly title: string
  /** It is about answers with 401, so a library that only looks at expiry cannot do it. */
  readonly about401: boolean
  /** What a library shows that does it right. */
  readonly right: Seen
  /** The other libraries that do it right as well. */
  readonly alsoRight?: readonly string[]
  /** Puts a library in the situation. */
  observe(library: Library): Promise<Seen>
  /** What was seen, in a few words for a table. */
  tell(seen: Seen): string
}

/** Hides which facts a scenario is about, so that scenarios can stand in one list. */
export function scenario<Seen extends Facts>(given: Scenario<Seen>): Scenario {
  return { ...given, tell: (seen) => given.tell(seen as Seen) }
}

/** An app that holds a pair, and a library at work in it. */
export interface Situation extends Wired {
  readonly authority: Authority
  readonly app: App
}

/** An app on a wire of its own. */
export interface WireSituation extends Situation {
  readonly wire: Wire
}

/**
 * Sets up an app whose access token was revoked, so that a 401 says so.
 *
 * @param expires its time is over as well, for the libraries that look at nothing else.
 */
export function onWire(library: Library, { expires = false, ...latency }: Latency & { expires?: boolean } = {}): WireSituation {
  const authority = new Authority()
  const wire = new Wire(authority, latency)
  return { ...situation(library, authority, wire.refresh, expires), wire }
}

/** The same with a token request of one's own. */
export function situation(library: Library, authority: Authority, refresh: App['refresh'], expires: boolean): Situation {
  const app: App = { stored: authority.issue(expires && library.refreshesOn === 'expiry' ? -60 : 3600), refresh }
  authority.revoke()
  return { authority, app, ...library.wire(app) }
}

/** `n` times. */
export function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i))
}
