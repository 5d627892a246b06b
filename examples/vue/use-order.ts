import { onScopeDispose, ref, type ShallowRef, shallowRef, watch } from 'vue'
import type { Order, Shop } from '../pages/shop.ts'

/** An order, once it is there. It is asked for again when `asked` changes, or when somebody else has signed in. */
export function useOrder({ session, order }: Shop, id: string, asked: () => number): ShallowRef<Order | 'failed' | undefined> {
  const answer = shallowRef<Order | 'failed'>()
  const visitor = ref(0)
  let since = session.getSnapshot()
  const ask = async (_now: unknown, _before: unknown, onCleanup: (leave: () => void) => void) => {
    const leaving = new AbortController()
    onCleanup(() => leaving.abort())
    since = session.getSnapshot()
    const found = await order(id, leaving.signal).catch(() => 'failed' as const)
    if (!leaving.signal.aborted) answer.value = found
  }
  watch([asked, visitor], ask, { immediate: true })
  // In another tab somebody else may sign in, and this tab, if it slept, never see that the former user left.
  const stopListening = session.on('signed-in', () => {
    if (session.getSnapshot() === since) return
    answer.value = undefined
    visitor.value++
  })
  onScopeDispose(stopListening)
  return answer
}
