import type { Session } from 'axios-renew'
import { type ReactNode, useEffect, useState } from 'react'
import type { Shop } from '../pages/shop.ts'
import { SignInForm } from './sign-in-form.tsx'
import { useSession } from './use-session.ts'

/**
 * Shows what only those may see who are signed in. It leads nowhere else: the form appears at the address that was
 * asked for, and so does what was asked for, once somebody has signed in.
 */
export function Guard({ shop, children }: { shop: Shop; children: ReactNode }) {
  const { status } = useSession(shop.session)
  if (status === 'unknown') return <Opening session={shop.session} />
  if (status === 'active') return children
  return <SignInForm shop={shop} hint={status === 'ended' ? 'Your session has ended. Please sign in again.' : undefined} />
}

/** Nothing, for the moment until it is known who is signed in; unless that cannot be found out. */
function Opening({ session }: { session: Session }) {
  const [attempt, setAttempt] = useState(1)
  const [failed, setFailed] = useState(0)
  useEffect(() => {
    session.getTokens().catch(() => setFailed(attempt))
  }, [session, attempt])
  if (failed < attempt) return null
  return (
    <p role="alert">
      This browser does not say who is signed in.{' '}
      <button type="button" onClick={() => setAttempt(attempt + 1)}>
        Try again
      </button>
    </p>
  )
}
