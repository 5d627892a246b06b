import { hold, isReplaced, judge } from './adopt.ts'
import { checkDrop, checkEnd, report } from './properties.ts'
import { AT, REPLY, type StoredRecord } from './state.ts'
import { currentVersion, type Outcome, revoke, swap, type Trouble } from './store.ts'
import { finish, type Turn } from './turn.ts'

/** Step 7: the answer arrives. What was received is written at once: nothing that others can see lies between. */
export function land(turn: Turn, trouble: Trouble) {
  const { s, rules, p, refresh } = turn
  if (refresh.reply === REPLY.pair) return write(turn, trouble)
  if (rules.rereadWhenRefused) return settleRefusal(turn)
  // Rule 11 is off: the session ends without a look, and marks what it sent, if nobody was first.
  checkEnd(s, refresh)
  if (p.held) p.held = { ...p.held, ended: 1 }
  refresh.at = AT.mark
}

/** The steps after a write of the answer, or of the end, that did not work at once. */
export function startSettling(turn: Turn, trouble: Trouble) {
  const { refresh } = turn
  if (refresh.at === AT.write) return write(turn, trouble)
  if (refresh.at === AT.mark) return mark(turn, trouble)
  return refresh.reply === REPLY.pair ? settleAnswer(turn) : settleRefusal(turn)
}

function write(turn: Turn, trouble: Trouble) {
  const { s, config, rules, p, refresh } = turn
  const fresh = answered(turn)
  const expected = rules.answer === 'blind' ? currentVersion(s) : refresh.version
  const hasGoneOn = p.held?.lineage !== refresh.lineage
  if (hasGoneOn && rules.answerYieldsToSession) return drop(turn)
  if (hasGoneOn && expected === currentVersion(s)) report(s, 'P3: wrote an answer though its session had gone on to another lineage')
  if (config.serve) takeUp(turn)
  const outcome = swap(s, fresh, expected, trouble)
  if (outcome === 'written') return publish(turn)
  const isDropped: Record<Exclude<Outcome, 'written'>, boolean> = {
    error: !rules.readBack,
    'somebody was first': rules.answer === 'version',
  }
  // What was received is kept in memory, and served or not: to the store that makes no difference.
  if (isDropped[outcome]) return drop(turn)
  refresh.at = AT.read
}

function answered({ p, refresh: { lineage, generation, order } }: Turn): StoredRecord {
  return { lineage, generation: generation + 1, order, tombstone: 0, client: p.client, intent: 0, ended: 0 }
}

/** Somebody was first, or the reply was lost: what is stored decides. */
function settleAnswer(turn: Turn) {
  const { s, rules, p, refresh } = turn
  const { record } = s
  refresh.version = currentVersion(s)
  refresh.at = AT.write
  if (!record) return rules.vanishedIsRewritten ? undefined : drop(turn)
  if (record.client !== p.client && rules.fingerprints) return finish(turn)
  if (record.lineage === refresh.lineage) {
    if (record.generation <= refresh.generation) return
    if (record.generation === refresh.generation + 1) return publish(turn)
    return adoptAndDrop(turn, record)
  }
  if (rules.answerKnowsReplaced && isReplaced(rules, p, record)) return
  return adoptAndDrop(turn, record)
}

function adoptAndDrop(turn: Turn, record: StoredRecord) {
  const { s, config, rules, p } = turn
  if (judge(rules, p, record) === 'adopt') hold(s, config, p, record)
  drop(turn)
}

/** The pair goes nowhere. After a sign-out it must not live on. */
function drop(turn: Turn) {
  const { s, rules, p, refresh } = turn
  checkDrop(s, p, refresh)
  const signedOut = s.record?.tombstone || p.held?.tombstone
  if (signedOut && rules.orphansAreRevoked) revoke(s, { lineage: refresh.lineage, generation: refresh.generation + 1 })
  finish(turn)
}

/** Step 8. */
function publish(turn: Turn) {
  takeUp(turn)
  finish(turn)
}

/** The session goes on with the new pair, if it has not gone on to something newer. */
function takeUp(turn: Turn) {
  const { s, config, p } = turn
  const fresh = answered(turn)
  const { held } = p
  if (held && held.lineage === fresh.lineage && held.generation < fresh.generation) hold(s, config, p, fresh)
}

/** `invalid_grant`: something newer is adopted, else the end is marked. */
function settleRefusal(turn: Turn) {
  const { s, config, rules, p, refresh } = turn
  const { record } = s
  const isOurs = record?.lineage === refresh.lineage && record.generation === refresh.generation
  const isNewest = p.held?.lineage === refresh.lineage && p.held.generation === refresh.generation
  if (!isOurs || !isNewest) {
    if (record && judge(rules, p, record) === 'adopt') hold(s, config, p, record)
    return finish(turn)
  }
  refresh.version = currentVersion(s)
  refresh.at = AT.mark
}

function mark(turn: Turn, trouble: Trouble) {
  const { s, rules, p, refresh } = turn
  if (!p.held) return
  const outcome = swap(
    s,
    { ...p.held, lineage: refresh.lineage, generation: refresh.generation, order: refresh.order, ended: 1 },
    refresh.version,
    trouble,
  )
  if (outcome === 'written') {
    checkEnd(s, refresh)
    if (p.held.lineage === refresh.lineage && p.held.generation === refresh.generation) p.held = { ...p.held, ended: 1 }
    return finish(turn)
  }
  if (!rules.rereadWhenRefused) return finish(turn)
  refresh.at = AT.read
}
