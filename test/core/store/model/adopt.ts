import { checkTakeUp } from './properties.ts'
import type { Rules } from './rules.ts'
import type { Process, State, StoredRecord } from './state.ts'

export type Verdict = 'adopt' | 'same' | 'rewrite' | 'nothing' | 'foreign'

/** The table "Adopting" of the decision record. */
export function judge(rules: Rules, p: Process, record: StoredRecord | null): Verdict {
  const { held } = p
  if (!record) return held && rules.vanishedIsRewritten ? 'rewrite' : 'nothing'
  if (record.client !== p.client && rules.fingerprints) return 'foreign'
  if (!held) return 'adopt'
  if (record.lineage === held.lineage && record.generation === held.generation) return 'same'
  if (!rules.forwardOnly) return 'adopt'
  if (record.lineage === held.lineage) return record.generation > held.generation ? 'adopt' : 'rewrite'
  return isReplaced(rules, p, record) ? 'rewrite' : 'adopt'
}

/** Whether the session knows that lineage as an older one. */
export function isReplaced(rules: Rules, p: Process, record: StoredRecord): boolean {
  if (p.replaced & (1 << record.lineage)) return true
  return rules.lineagesAreNumbered !== 'no' && p.held !== null && record.order < p.held.order
}

/** Takes a record into memory. */
export function hold(s: State, p: Process, record: StoredRecord) {
  checkTakeUp(s, p, record)
  if (p.held && p.held.lineage !== record.lineage) p.replaced |= 1 << p.held.lineage
  p.held = { ...record, intent: 0 }
}

export function isOver(held: StoredRecord | null): boolean {
  return !held || held.tombstone === 1 || held.ended === 1
}
