import type { Excuses } from './rules.ts'
import { AT, FREE, LOST, type Process, REPLY, type Refresh, type State, type StoredRecord } from './state.ts'

/** What can be wrong. A state names one by its index, plus 1. */
export const FINDINGS = [
  'P1: sent a token whose successor it knew',
  'P1: sent a token whose successor was stored before the intent',
  'P1: sent a token twice',
  'P2: wrote an older generation over a newer one',
  'P2: dropped the newest pair',
  'P3: undid a sign-in or sign-out',
  'P3: wrote an answer though its session had gone on to another lineage',
  'P4: took up a record of another client',
  'P4: wrote over a record of another client',
  'P5: went back to an older generation',
  'P5: went back to a lineage that had been replaced',
  'P5: sent a token of a lineage that its session had left',
  "P5: served another lineage's tokens",
  'P7: ended, though another pair was stored',
] as const

export function report(s: State, finding: (typeof FINDINGS)[number]) {
  if (!s.broken) s.broken = FINDINGS.indexOf(finding) + 1
}

/**
 * P1. A token that was sent may be sent again only where nobody can know better:
 *  - before the first sender had stored the answer it crashed, or gave the request up, or the answer was lost on its way;
 *  - its lease expired after its look at the lease and before it had stored the answer: it was silent for longer than
 *    anybody waits;
 *  - the second sender itself was silent in the one gap that there is, between its look at the lease and the sending;
 *  - the store had lost what was written.
 * In every case but the last the answer must not have been stored yet when the second sender wrote its intent: from
 * then on there is something to see, and everybody sees it. Nothing excuses who knows the successor itself.
 */
export function checkSend(s: State, p: Process, refresh: Refresh, excuses: Excuses) {
  if (p.held?.lineage !== refresh.lineage) report(s, 'P5: sent a token of a lineage that its session had left')
  if (knowsSpent(p, refresh)) report(s, 'P1: sent a token whose successor it knew')
  if (s.storeLost && excuses.storeLost) return
  const stored = refresh.storedAtIntent < 0 ? (s.highest[refresh.lineage] ?? 0) : refresh.storedAtIntent
  if (stored > refresh.generation) report(s, 'P1: sent a token whose successor was stored before the intent')
  if (refresh.silent && excuses.silentBeforeSending) return
  const isExcused: Record<number, boolean> = {
    [LOST.crash]: excuses.crash,
    [LOST.givenUp]: excuses.givenUp,
    [LOST.silent]: excuses.silentHolder,
    [LOST.answer]: excuses.lostAnswer,
  }
  const before = s.sends.filter((send) => send.lineage === refresh.lineage && send.generation === refresh.generation)
  if (before.some((send) => !isExcused[send.lost])) report(s, 'P1: sent a token twice')
}

/** Whether the session itself holds the successor, or has received it (late) and not written it yet. */
export function knowsSpent({ held, late }: Process, { lineage, generation }: Refresh): boolean {
  if (held?.lineage === lineage && held.generation > generation) return true
  return late !== null && late.at > AT.answer && late.reply === REPLY.pair && late.lineage === lineage && late.generation >= generation
}

/** The moments in which a holder's silence cannot be noticed by anybody: after its look at the lease, until the answer is stored. */
export function isUnnoticed(refresh: Refresh): boolean {
  return refresh.at === AT.send || refresh.at >= AT.answer
}

/** P2 to P4, of each write that is not a sign-in or sign-out. */
export function checkWrite(s: State, before: StoredRecord | null, after: StoredRecord) {
  if (!before) return
  if (before.client !== after.client) report(s, 'P4: wrote over a record of another client')
  if (before.lineage !== after.lineage) {
    if (!s.storeLost || before.lineage > after.lineage) report(s, 'P3: undid a sign-in or sign-out')
  } else if (before.generation > after.generation) report(s, 'P2: wrote an older generation over a newer one')
}

/**
 * P4 and P5, of what a process takes up. It may go back to a former lineage only if the store was rolled back and it has never
 * had that lineage: then only the order of time could tell, and clocks are not to be trusted with that. Who has had both
 * writes the later one again, and `brokenAtEnd` sees to it that all settle on that.
 */
export function checkTakeUp(s: State, p: Process, record: StoredRecord, excuses: Excuses) {
  if (record.client !== p.client) report(s, 'P4: took up a record of another client')
  const { held } = p
  if (!held) return
  const isUnknown = s.storeLost && excuses.neverSeen && (p.replaced & (1 << record.lineage)) === 0
  if (record.lineage < held.lineage && !isUnknown) report(s, 'P5: went back to a lineage that had been replaced')
  if (record.lineage === held.lineage && record.generation < held.generation) report(s, 'P5: went back to an older generation')
}

/** P2. An answer is dropped only when its session has something newer, or has gone on to another lineage. */
export function checkDrop(s: State, { held }: Process, refresh: Refresh) {
  if (held?.lineage === refresh.lineage && held.generation <= refresh.generation) report(s, 'P2: dropped the newest pair')
}

/** P7. A session ends by a refusal only while that very pair is what is stored. */
export function checkEnd(s: State, refresh: Refresh) {
  const { record } = s
  if (record?.lineage !== refresh.lineage || record.generation !== refresh.generation)
    report(s, 'P7: ended, though another pair was stored')
}

/** P2, P3 and P6 at the end, when everybody is idle and has seen the news. */
export function brokenAtEnd(s: State): string {
  if (s.owner !== FREE || s.processes.some((p) => p.needs > 0 || p.refresh || p.late || p.signing)) return 'P6: stuck'
  const { record } = s
  const held = s.processes.map((p) => p.held).filter((r) => r !== null)
  if (!record && s.decided !== FREE) return held.some((r) => !r.tombstone) ? 'P2: a pair that somebody holds is not stored' : ''
  // What the store has lost can be brought back only by somebody who holds it.
  if (!s.storeLost || held.some((r) => r.lineage === s.decided)) {
    if ((record?.lineage ?? FREE) !== s.decided) return 'P3: the last sign-in or sign-out is not what is stored'
  }
  if (!record) return ''
  if (held.some((r) => r.lineage === record.lineage && r.generation > record.generation))
    return 'P2: a pair that somebody holds is not stored'
  const grant = s.grants[record.lineage]
  const pairLost = s.pairLost & (1 << record.lineage)
  if (grant && !record.tombstone && !grant.revoked && !pairLost && !s.storeLost) {
    if (record.generation !== grant.current) return 'P2: the newest pair is not stored'
    if (record.ended) return 'P2: a pair that is good is marked as ended'
  }
  const orphan = record.tombstone && s.decidedOver >= 0 ? s.grants[s.decidedOver] : undefined
  const revocationLost = s.signerLost || s.storeLost || s.pairLost & (1 << s.decidedOver)
  if (orphan && !orphan.revoked && !revocationLost) return 'P3: a pair outlives the sign-out'
  return ''
}

/** Notes for P1 that nobody can know whether what this refresh has sent is spent. */
export function markLost(s: State, refresh: Refresh, lost: number) {
  const send = s.sends.findLast((it) => it.lineage === refresh.lineage && it.generation === refresh.generation && it.lost === LOST.not)
  if (send && refresh.at >= AT.answer) send.lost = lost
}

/** Notes for P2 that a pair was lost on its way: the server has given it out, or still may, and nobody is there to write it. */
export function markPairLost(s: State, refresh: Refresh) {
  if (refresh.at >= AT.answer && refresh.reply !== REPLY.refused) s.pairLost |= 1 << refresh.lineage
}
