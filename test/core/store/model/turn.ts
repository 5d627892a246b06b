import type { Config, Rules } from './rules.ts'
import { AT, NO_ROW, type Process, REPLY, type Refresh, type State } from './state.ts'
import { unlock } from './store.ts'

/** Whose turn it is. */
export interface Turn {
  s: State
  config: Config
  rules: Rules
  p: Process
  /** Its index. */
  i: number
  refresh: Refresh
  isLate: boolean
}

export function newRefresh(): Refresh {
  const nothing = { lineage: 0, generation: 0, version: NO_ROW, silent: 0, reply: REPLY.none, order: 0 } as const
  return { ...nothing, at: AT.look, locked: 0, storedAtIntent: -1 }
}

/** Step 8, or the end of an attempt that got nowhere. */
export function finish({ s, rules, p, i, refresh, isLate }: Turn) {
  if (isLate) p.late = null
  else p.refresh = null
  const isUnsaved = p.late !== null && p.late.at > AT.answer && p.late.reply === REPLY.pair
  if (!p.refresh && !(isUnsaved && rules.lockIsKeptForLate)) unlock(s, rules, i, refresh.locked)
}
