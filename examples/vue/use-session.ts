import type { Session, SessionSnapshot } from 'axios-renew'
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue'

/** The status of the session; it follows the session until the component, or whatever scope this is, is gone. */
export function useSession(session: Session): Readonly<ShallowRef<SessionSnapshot>> {
  const snapshot = shallowRef(session.getSnapshot())
  // On a server nobody knows who is signed in, and scopes are never disposed of.
  if (typeof document === 'undefined') return snapshot
  onScopeDispose(session.subscribe(() => (snapshot.value = session.getSnapshot())))
  // A session loads at its first use. What that rejects with, the status tells.
  if (session.status === 'unknown') session.getTokens().catch(() => {})
  return snapshot
}
