import { checkWrite } from './properties.ts'
import type { Rules } from './rules.ts'
import { type Bit, FREE, NO_ROW, type Pair, STALE, type State, type StoredRecord } from './state.ts'

export type Outcome = 'written' | 'somebody was first' | 'error'
export type Trouble = '' | 'reply lost' | 'fails'

/** The troubles that a write may still meet. */
export function troubles(s: State): Trouble[] {
  const all: Trouble[] = ['']
  if (s.left.lostReply) all.push('reply lost')
  if (s.left.failedWrite) all.push('fails')
  return all
}

export function currentVersion(s: State): number {
  return s.record ? s.version : NO_ROW
}

/** Compare-and-swap; `happened` is called when it was written, whatever the writer gets to see. */
export function swap(s: State, record: StoredRecord, expected: number, trouble: Trouble, happened?: () => void): Outcome {
  if (trouble === 'fails') {
    s.left.failedWrite--
    return 'error'
  }
  if (trouble === 'reply lost') s.left.lostReply--
  const first = expected === currentVersion(s)
  if (first) {
    if (happened) happened()
    else checkWrite(s, s.record, record)
    put(s, record)
  }
  if (trouble) return 'error'
  return first ? 'written' : 'somebody was first'
}

/** Writes, whatever is stored. */
export function put(s: State, record: StoredRecord | null) {
  const before = s.record
  const isNews = !record || before?.lineage !== record.lineage || before.generation !== record.generation
  if (before && isNews && s.left.rollback) s.history.push({ record: before, version: s.version })
  s.record = record
  if (s.countedVersions) s.version = before ? s.version + 1 : 1
  else s.version = Math.max(s.version, ...s.history.map((it) => it.version)) + 1
  if (record) s.highest[record.lineage] = Math.max(s.highest[record.lineage] ?? 0, record.generation)
}

/** Versions that are no longer stored are all alike, and only whether two are equal matters. */
export function tidyVersions(s: State) {
  const known = [s.version]
  for (const it of s.history) if (!known.includes(it.version)) known.push(it.version)
  known.sort((a, b) => a - b)
  // An index of -1 is none that is known, and becomes STALE.
  const rename = (version: number) => (version === NO_ROW ? NO_ROW : known.indexOf(version) + 1 || STALE)
  for (const p of s.processes) {
    if (p.refresh) p.refresh.version = rename(p.refresh.version)
    if (p.late) p.late.version = rename(p.late.version)
    if (p.signing) p.signing.version = rename(p.signing.version)
  }
  if (s.history.length) s.history = s.history.map((it) => ({ record: it.record, version: rename(it.version) }))
  s.version = rename(s.version)
}

/** The lock is given back: by whoever has it or, if that is not checked, by whoever has had it. */
export function unlock(s: State, { releaseByOwner }: Rules, process: number, locked: Bit) {
  if (s.owner === process || (locked && !releaseByOwner)) s.owner = FREE
}

/** A token request arrives at the server. */
export function answerOf(s: State, { lineage, generation }: Pair, reuse: 'revoke' | 'refuse'): boolean {
  const grant = s.grants[lineage]
  if (!grant || grant.revoked) return false
  if (grant.current === generation) {
    grant.current++
    return true
  }
  if (reuse === 'revoke') grant.revoked = 1
  return false
}

/** A revocation of a spent token does nothing. */
export function revoke(s: State, { lineage, generation }: Pair) {
  const grant = s.grants[lineage]
  if (grant?.current === generation) grant.revoked = 1
}
