/*
 * What the benchmark and the processes of a fleet tell each other.
 */

/** A way to share tokens between processes. */
export type Way = 'axios-renew over Redis' | 'axios-renew over PostgreSQL' | 'shared promise over Redis'

/** The one argument of the program, in JSON. */
export interface Setup {
  way: Way
  /** Of Redis or PostgreSQL. */
  port: number
  tokenEndpoint: string
  clientId: string
  clientSecret: string
  api: string
}

/** That many requests for each account, all at once. */
export interface Order {
  accounts: readonly string[]
  times: number
}

export type FromProcess = { ready: true } | { succeeded: number }

/** Makes one request for an account, and gives whether it succeeded. */
export type Request = (account: string) => Promise<boolean>

/** What is stored of an account by those who write it by hand. */
export interface StoredPair {
  accessToken: string
  refreshToken: string
  /** In ms since the epoch. */
  expiresAt: number
}
