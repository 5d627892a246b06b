import { hold } from './adopt.ts'
import { report } from './properties.ts'
import type { Config } from './rules.ts'
import { AT, type Bit, FREE, NO_ROW, type Process, type Signing, type State, type StoredRecord } from './state.ts'
import { currentVersion, put, revoke, swap, type Trouble } from './store.ts'

export function newSigning(out: Bit): Signing {
  return { at: AT.read, out, version: NO_ROW, lineage: FREE, replaces: null, unsure: FREE }
}

/** One step of a sign-in or sign-out: read, write, and (after a sign-out) revoke. */
export function advanceSigning(s: State, config: Config, p: Process, signing: Signing, trouble: Trouble) {
  if (signing.at === AT.read) return read(s, config, p, signing)
  if (signing.at === AT.write) return write(s, config, p, signing, trouble)
  if (signing.replaces && !signing.replaces.tombstone) revoke(s, signing.replaces)
  p.signing = null
}

function read(s: State, config: Config, p: Process, signing: Signing) {
  const { rules } = config
  const { record } = s
  if (record && record.client !== p.client && rules.fingerprints) {
    p.signing = null
    return
  }
  const isOwn = record !== null && record.lineage === signing.lineage
  if (isOwn) return succeed(s, config, p, signing, record)
  // It was written, perhaps, and somebody has replaced it since: theirs is the last word.
  if (signing.unsure > FREE && rules.signingYields && record && record.lineage !== signing.unsure) {
    p.signing = null
    return
  }
  signing.version = currentVersion(s)
  signing.replaces = record
  signing.at = AT.write
}

function write(s: State, config: Config, p: Process, signing: Signing, trouble: Trouble) {
  const record = recordOf(s, config, p, signing)
  const happened = () => {
    const isFirst = signing.lineage === FREE
    signing.lineage = record.lineage
    noteDecision(s, config, record, isFirst)
  }
  if (signing.out && !config.rules.tombstones && trouble !== 'fails') {
    // Rule 8 is off: the row goes.
    if (signing.version === currentVersion(s)) {
      put(s, null)
      s.decided = FREE
      p.held = null
      signing.at = AT.revoke
    } else signing.at = AT.read
    return
  }
  const outcome = swap(s, record, signing.version, trouble, happened)
  if (outcome === 'written') return succeed(s, config, p, signing, record)
  if (outcome === 'error') signing.unsure = signing.replaces ? signing.replaces.lineage : FREE
  signing.at = AT.read
}

function recordOf(s: State, config: Config, p: Process, signing: Signing): StoredRecord {
  const isWritten = signing.lineage !== FREE
  const lineage = isWritten ? signing.lineage : s.grants.length
  // A time, and more than what it replaces, whatever the clock says. Lineages are made in the order of time here.
  const { lineagesAreCompared, lineagesAreNumbered } = config.rules
  const replaced = lineagesAreCompared === 'all' ? (signing.replaces?.order ?? 0) : 0
  const after = Math.max(replaced, p.held?.order ?? 0) + 1
  const order = lineagesAreNumbered === 'counted' ? after : Math.max(after, lineage)
  return { lineage, generation: 1, order, tombstone: signing.out, client: p.client, intent: 0, ended: 0 }
}

/** The server and the properties take note of what was decided. */
function noteDecision(s: State, config: Config, record: StoredRecord, isFirst: boolean) {
  if (isFirst) s.grants.push({ current: 1, revoked: record.tombstone })
  const before = s.record?.lineage ?? FREE
  if (s.record && s.record.client !== record.client) report(s, 'P4: wrote over a record of another client')
  if (!isFirst && before > record.lineage) report(s, 'P3: undid a sign-in or sign-out')
  const old = s.grants[before]
  if (config.oneGrant && old && !record.tombstone) old.revoked = 1
  s.decided = record.lineage
  s.decidedOver = before
}

function succeed(s: State, config: Config, p: Process, signing: Signing, record: StoredRecord) {
  if (signing.replaces && config.rules.lineagesAreCompared === 'all') p.replaced |= 1 << signing.replaces.lineage
  if (!p.held || p.held.lineage < record.lineage) hold(s, config, p, record)
  if (signing.out) signing.at = AT.revoke
  else p.signing = null
}
