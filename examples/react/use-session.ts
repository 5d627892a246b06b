import type { Session, SessionSnapshot } from 'axios-renew'
import { useEffect, useSyncExternalStore } from 'react'

/** On a server, and while a browser takes over what a server has drawn, nobody knows yet who is signed in. */
const NOBODY_KNOWS: SessionSnapshot = { status: 'unknown', generation: 0 }

/** The status of the session, and this component again whenever it changes. */
export function useSession(session: Session): SessionSnapshot {
  useEffect(() => {
    // A session loads at its first use. What that rejects with, the status tells.
    if (session.status === 'unknown') session.getTokens().catch(() => {})
  }, [session])
  return useSyncExternalStore(session.subscribe, session.getSnapshot, () => NOBODY_KNOWS)
}
