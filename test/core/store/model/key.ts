import type { Bounds } from './rules.ts'
import type { Refresh, State, StoredRecord } from './state.ts'

/** Names a state: every number in it has bits of its own. All are small. */
export function keyOf(s: State): string {
  const codes = [
    codeOf(s.record),
    s.version,
    s.owner + 2,
    s.storeLost,
    s.pairLost,
    s.decided + 1,
    s.decidedOver + 1,
    s.signerLost,
    s.broken,
  ]
  for (const name in s.left) codes.push(s.left[name as keyof Bounds])
  for (const p of s.processes) {
    codes.push(codeOf(p.held), p.replaced, p.needs)
    for (const refresh of [p.refresh, p.late]) pushRefresh(codes, refresh)
    if (!p.signing) codes.push(0)
    else
      codes.push(
        p.signing.at + 1,
        p.signing.out,
        p.signing.version + 1,
        p.signing.lineage + 1,
        codeOf(p.signing.replaces),
        p.signing.unsure + 1,
      )
  }
  codes.push(s.grants.length, s.highest.length, s.history.length, s.orphans.length, s.sends.length)
  for (const { current, revoked } of s.grants) codes.push(current * 2 + revoked)
  for (const highest of s.highest) codes.push(highest)
  for (const { record, version } of s.history) codes.push(codeOf(record), version)
  for (const { lineage, generation } of s.orphans) codes.push(lineage * 16 + generation)
  for (const { lineage, generation, lost } of s.sends) codes.push((lineage * 16 + generation) * 8 + lost)
  return String.fromCharCode(...codes)
}

function codeOf(r: StoredRecord | null): number {
  if (!r) return 0
  const pair = r.lineage + 8 * r.generation + 128 * r.order
  return 1 + pair + 1024 * r.tombstone + 2048 * r.client + 4096 * r.intent + 8192 * r.ended
}

function pushRefresh(codes: number[], r: Refresh | null) {
  if (!r) codes.push(0)
  else
    codes.push(
      1 + r.at + 16 * (r.version + 1) + 256 * r.reply + 1024 * r.lineage + 8192 * r.locked,
      r.generation + 16 * r.order + 128 * r.silent + 256 * (r.storedAtIntent + 1),
    )
}
