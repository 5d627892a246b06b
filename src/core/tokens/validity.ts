import type { TokenSet } from './token-set.ts'

/** How long before expiry a token is refreshed, in ms; see the options of `createSession`. */
export interface ValidityWindows {
  refreshAheadMs?: number
  minValidityMs?: number
}

/** The moments in the life of an access token, in ms since the epoch; `Infinity` where unknown. */
export interface Milestones {
  /** From here on it is refreshed in the background. */
  dueAt: number
  /** From here on requests wait for the refresh. */
  expiringAt: number
  /** From here on it does not work any more. */
  expiresAt: number
}

/**
 * Tells when an access token must be replaced. There are no expiry timers anywhere: these moments are
 * compared with the clock at every use, so that neither a 180-day lifetime nor a sleeping laptop matters.
 *
 * @param jitter a factor below 1, fixed per session, so that a fleet does not refresh in step.
 */
export function milestones({ accessToken, expiresAt, issuedAt }: Partial<TokenSet>, windows: ValidityWindows, jitter: number): Milestones {
  const end = accessToken ? (expiresAt ?? Number.POSITIVE_INFINITY) : 0
  const lifetime = issuedAt && end > issuedAt ? end - issuedAt : Number.POSITIVE_INFINITY
  const { refreshAheadMs = Math.min(300_000, lifetime / 5), minValidityMs = Math.min(30_000, lifetime / 10) } = windows
  // Never more than half the life: a token that lives five seconds would be refreshed for ever.
  const before = (window: number) => end - Math.min(window, lifetime / 2)
  const expiringAt = before(minValidityMs)
  return { dueAt: Math.min(expiringAt, before(refreshAheadMs * jitter)), expiringAt, expiresAt: end }
}
