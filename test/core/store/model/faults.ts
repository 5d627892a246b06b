import { isUnnoticed, markLost, markPairLost } from './properties.ts'
import type { Rules } from './rules.ts'
import { AT, DEAD, FREE, LOST, type Process, REPLY, type State } from './state.ts'
import { unlock } from './store.ts'

/** Memory and everything under way are gone; the lock stays until its lease expires. */
export function crash(s: State, p: Process, i: number) {
  s.left.crash--
  for (const refresh of [p.refresh, p.late]) {
    if (!refresh) continue
    markLost(s, refresh, LOST.crash)
    markPairLost(s, refresh)
    if (refresh.at === AT.answer && refresh.reply === REPLY.underWay) {
      s.orphans.push({ lineage: refresh.lineage, generation: refresh.generation })
    }
  }
  if (p.signing) s.signerLost = 1
  if (s.owner === i) s.owner = DEAD
  Object.assign(p, { held: null, replaced: 0, refresh: null, late: null, signing: null })
}

/** The lease of a holder that lives expires; it does not know until it looks. */
export function fallSilent(s: State) {
  s.left.silent--
  const refresh = s.processes[s.owner]?.refresh
  if (refresh && isUnnoticed(refresh)) {
    refresh.silent = 1
    markLost(s, refresh, LOST.silent)
  }
  // A lock that is kept for a late answer only.
  const late = s.processes[s.owner]?.late
  if (late && !refresh) markLost(s, late, LOST.silent)
  s.owner = FREE
}

/** The token request is given up, and the lock with it; the answer may still come. */
export function giveUp(s: State, rules: Rules, p: Process, i: number) {
  s.left.giveUp--
  if (p.refresh) markLost(s, p.refresh, LOST.givenUp)
  p.late = p.refresh && { ...p.refresh, locked: 0 }
  p.refresh = null
  unlock(s, rules, i, 1)
}

/** The answer is lost on its way, and the sender knows that it will not come. */
export function loseAnswer(s: State, rules: Rules, p: Process, i: number) {
  s.left.lostAnswer--
  if (p.refresh) {
    markLost(s, p.refresh, LOST.answer)
    markPairLost(s, p.refresh)
  }
  p.refresh = null
  unlock(s, rules, i, 1)
}

/** The store is what it was at an earlier time, its version too. */
export function rollBack(s: State, to: number) {
  const then = s.history[to]
  if (!then) return
  s.left.rollback--
  s.storeLost = 1
  s.record = then.record
  s.version = then.version
  s.history = s.history.slice(0, to)
}

export function vanish(s: State) {
  s.left.vanish--
  s.storeLost = 1
  s.record = null
}
