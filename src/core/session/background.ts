import { ignore, quietly } from '../wait.ts'
import type { SessionState } from './state.ts'

/** Tells the platform of work that goes on without anybody waiting, so that it does not freeze the process. */
export function inBackground({ config }: SessionState, work: Promise<unknown> | undefined): void {
  const settled = Promise.resolve(work).catch(ignore)
  // A platform that refuses must not disturb a request.
  quietly(() => config.waitUntil?.(settled))
}
