import { useEffect, useState } from 'react'
import type { Order, Shop } from '../pages/shop.ts'

/** An order, once it is there. It is asked for again when `asked` changes, or when somebody else has signed in. */
export function useOrder({ session, order }: Shop, id: string, asked: number): Order | 'failed' | undefined {
  const [answer, setAnswer] = useState<Order | 'failed'>()
  const [visitor, setVisitor] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new visitor, or being asked again, is a reason to ask again
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const since = session.getSnapshot()
    const show = (found: Order | 'failed') => signal.aborted || setAnswer(found)
    order(id, signal).then(show, () => show('failed'))
    // In another tab somebody else may sign in, and this tab, if it slept, never see that the former user left.
    const stopListening = session.on('signed-in', () => {
      if (session.getSnapshot() === since) return
      setAnswer(undefined)
      setVisitor((count) => count + 1)
    })
    return () => {
      // StrictMode runs effects twice: what is left at once is never sent.
      leaving.abort()
      stopListening()
    }
  }, [session, order, id, asked, visitor])
  return answer
}
