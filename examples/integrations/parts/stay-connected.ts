import { setTimeout as pause } from 'node:timers/promises'
import { RefreshFailedError, type Session, SessionEndedError, SignedOutError, type TokenSet } from 'axios-renew'

/** How a connection ended. */
export interface Ending {
  /** The server took the token: it has sent something. */
  accepted: boolean
  /** The server refused the token, at once or later. */
  unauthorized: boolean
}

/** The options of {@link stayConnected}. */
export interface StayConnectedOptions {
  /** Ends it. */
  signal: AbortSignal
  /** The longest first pause, in ms; each next one is twice as long. Default 500. */
  firstPauseMs?: number
  /** No pause is longer, and a connection that lasted longer was a good one. Default 30 000. */
  longestPauseMs?: number
}

/**
 * Connects again and again, each time with the current token. Rejects with `SessionEndedError` or `SignedOutError`
 * when there is nobody to connect for, and with the signal's reason.
 *
 * @param connect opens a connection and settles when it is closed, for whatever reason.
 */
export async function stayConnected(
  session: Session,
  connect: (tokens: TokenSet) => Promise<Ending>,
  { signal, firstPauseMs = 500, longestPauseMs = 30_000 }: StayConnectedOptions,
): Promise<never> {
  for (let failures = 0, refused = false; ; ) {
    let retryAt = 0
    const began = performance.now()
    try {
      const tokens = await session.getTokens({ signal })
      const { accepted, unauthorized } = await connect(tokens)
      if (accepted) refused = false
      // A fresh token that is refused, too, is not the token's fault: another one would be refused as well.
      if (unauthorized && !refused) await session.refresh({ rejected: tokens, signal })
      refused = unauthorized
    } catch (error) {
      if (signal.aborted || error instanceof SessionEndedError || error instanceof SignedOutError) throw error
      // Everything else is an outage. The session says when it will try again.
      if (error instanceof RefreshFailedError) retryAt = error.retryAt ?? 0
    }
    failures = performance.now() - began > longestPauseMs ? 0 : failures + 1
    // At random, so that a restarted server does not see all its clients in the same moment.
    const backOff = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
    await pause(Math.max(backOff, retryAt - Date.now()), undefined, { signal })
  }
}
