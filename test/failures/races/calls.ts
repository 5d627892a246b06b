import type { TokenSet } from 'axios-renew'
import type { Intention } from './notes.ts'

/** A call of the session, or a request through the instance. */
export interface Call {
  readonly what: string
  /** The intention it was made under. */
  readonly intention: Intention
  /** Nobody was signed in, or the session had ended: it first looks whether somebody signed in elsewhere. */
  readonly looks: boolean
  readonly controller: AbortController
  settled: boolean
  /** A status; or the code of the error, or its name. */
  outcome?: string | number
}

/** A request through the instance. */
export interface MadeRequest extends Call {
  readonly attached: boolean
  /** The tokens it was sent with. */
  readonly sends: (string | undefined)[]
}

/** Tokens that `getTokens` or `refresh` gave, and the intention they were given under. */
export interface HandedOut {
  readonly tokens: TokenSet
  readonly intention: Intention
}

/** A sign-out, and whose it was. */
export interface SignOut {
  readonly grant: string
  /** Nothing was under way, so that its pair was the only one that could be orphaned. */
  readonly quiet: boolean
  /** Nobody had asked before who is signed in. */
  readonly unread: boolean
  signedInSince: boolean
}
