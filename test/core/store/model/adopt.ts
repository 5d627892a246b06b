import { checkTakeUp } from './properties.ts'
import type { Config, Rules } from './rules.ts'
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

/**
 * Whether the session knows that lineage as an older one: `isFormer` of src/core/session/lineage.ts. Three things are simpler here, and hide
 * nothing that is not said elsewhere: all clocks are right, unless lineages are 'counted' (decision record, "What is left
 * open"); nobody forgets a lineage, where sessions remember 16; and a tie, which a random name decides there, goes to the later sign-in.
 */
export function isReplaced(
  { lineagesAreNumbered, lineagesAreCompared }: Rules,
  { held, replaced }: Process,
  record: StoredRecord,
): boolean {
  const isSeen = (replaced & (1 << record.lineage)) !== 0
  if (!held || lineagesAreNumbered === 'no') return isSeen
  const isEarlier = record.order < held.order || (record.order === held.order && record.lineage < held.lineage)
  return isEarlier && (isSeen || lineagesAreCompared === 'all')
}

/** Takes a record into memory. */
export function hold(s: State, { excuses }: Config, p: Process, record: StoredRecord) {
  checkTakeUp(s, p, record, excuses)
  if (p.held && p.held.lineage !== record.lineage) p.replaced |= 1 << p.held.lineage
  p.held = { ...record, intent: 0 }
}

export function isOver(held: StoredRecord | null): boolean {
  return !held || held.tombstone === 1 || held.ended === 1
}
