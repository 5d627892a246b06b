import { marked } from '#platform'
import { ignore, within } from '../wait.ts'
import type { SessionState } from './state.ts'

/** Calls `load`, `save` or a step of the store, for as long as it may take. */
export function bounded<T>(
  state: SessionState,
  name: string,
  ms: number,
  callback: () => Promise<T>,
  { keepAlive, onOverrun = ignore }: { keepAlive?: boolean; onOverrun?: (call: Promise<T>) => void } = {},
): Promise<T> {
  const call = marked(state, callback)
  const reason = () => {
    onOverrun(call)
    call.catch(ignore)
    return new Error(`${name} took longer than ${ms} ms`)
  }
  return within(call, ms, state.config.clock, reason, keepAlive)
}
