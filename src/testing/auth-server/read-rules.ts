import { checkOptions } from '../../core/check-options.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import type { GrantRules, Reuse } from './grant.ts'
import type { ClientRules } from './read-request.ts'

/** The options of `fakeAuthServer`. */
export interface FakeAuthServerOptions {
  /** Where it is found by msw, and until it listens. Default `'https://auth.example'`. */
  url?: string
  /**
   * What happens when a refresh token that was used comes again: `'revoke'` refuses it and revokes the whole grant (RFC 9700,
   * 4.14.2), `'grace'` gives the same pair again for `graceMs` as long as nobody has used that, and revokes otherwise, `'ignore'` gives a
   * new pair. Default `'revoke'`.
   */
  reuse?: Reuse
  /** With `reuse: 'grace'`, in ms. Default 60 000. */
  graceMs?: number
  /** `false`: the refresh token stays the same, and answers leave it out. Default `true`. */
  rotate?: boolean
  /** The lifetime of access tokens, in seconds; `null`: without end, and answers do not tell. Default 3600. */
  expiresIn?: number | null
  /** The id of its only client. Default `'client'`. */
  clientId?: string
  /** The secret of its client; `null`: a public client, which has none. Default `'secret'`. */
  clientSecret?: string | null
  /** How long the token endpoint takes for an answer, once it has acted, in ms. Default 0. */
  latencyMs?: number
  /** By which tokens expire, and latency passes. Default: the machine's. */
  clock?: Clock
}

/** The options with their defaults. */
export interface AuthServerRules extends GrantRules, ClientRules {
  readonly url: string
  readonly latencyMs: number
}

export function readRules(options: FakeAuthServerOptions): AuthServerRules {
  const { url = 'https://auth.example', ...given } = checkOptions('fakeAuthServer', options, {
    url: 'string',
    reuse: "'revoke'|'grace'|'ignore'",
    graceMs: 'number',
    rotate: 'boolean',
    expiresIn: 'number|null',
    clientId: 'string',
    clientSecret: 'string|null',
    latencyMs: 'number',
    clock: 'object',
  })
  if (!URL.canParse(url)) throw new TypeError(`fakeAuthServer: option 'url': expected an absolute URL, got ${url}`)
  return {
    url: new URL(url).href.replace(/\/+$/, ''),
    reuse: 'revoke',
    graceMs: 60_000,
    rotate: true,
    expiresIn: 3600,
    clientId: 'client',
    clientSecret: 'secret',
    latencyMs: 0,
    clock: systemClock,
    ...given,
  }
}
