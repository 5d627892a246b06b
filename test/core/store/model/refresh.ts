import { hold, isOver, judge } from './adopt.ts'
import { land, startSettling } from './answer.ts'
import { checkSend, knowsSpent, report } from './properties.ts'
import { AT, FREE, LOST, NO_ROW, REPLY, type Refresh, type State } from './state.ts'
import { currentVersion, swap, type Trouble, unlock } from './store.ts'
import { finish, newRefresh, type Turn } from './turn.ts'

/** Steps that write, and may meet trouble. */
export const WRITES = [AT.rewrite, AT.intent, AT.answer, AT.write, AT.mark]

export const NAMES: Record<number, string> = {
  [AT.look]: 'looks',
  [AT.lock]: 'takes the lock',
  [AT.again]: 'looks again',
  [AT.rewrite]: 'writes over a store that fell back',
  [AT.intent]: 'writes the intent',
  [AT.lease]: 'looks at the lease',
  [AT.send]: 'sends',
  [AT.answer]: 'gets the answer, writes',
  [AT.write]: 'writes the answer',
  [AT.read]: 'reads, to settle the answer',
  [AT.mark]: 'marks the end',
}

/** One step of a refresh; whether it can be made at all is asked before. */
export function advance(turn: Turn, trouble: Trouble) {
  const { s, i, refresh } = turn
  switch (refresh.at) {
    case AT.look:
    case AT.again:
      return look(turn)
    case AT.lock:
      s.owner = i
      refresh.locked = 1
      refresh.at = AT.again
      return
    case AT.rewrite:
      return rewrite(turn, trouble)
    case AT.intent:
      return writeIntent(turn, trouble)
    case AT.lease:
      if (s.owner === i) refresh.at = AT.send
      else tryAgain(turn)
      return
    case AT.send:
      return send(turn)
    case AT.answer:
      return land(turn, trouble)
    default:
      return startSettling(turn, trouble)
  }
}

/** Steps 1 and 3: read, adopt, decide. */
function look(turn: Turn) {
  const { s, config, rules, p, refresh } = turn
  const { record } = s
  const isAgain = refresh.at === AT.again
  if (isAgain && rules.rereadUnderLock === 'not' && refresh.version !== NO_ROW) return goOn(turn)
  refresh.version = currentVersion(s)
  if (isAgain && rules.rereadUnderLock === 'version') return goOn(turn)
  const verdict = judge(rules, p, record)
  if (verdict === 'foreign' || verdict === 'nothing') return finish(turn)
  if (verdict === 'rewrite') {
    refresh.at = AT.rewrite
    return
  }
  if (record && verdict === 'adopt') {
    const { held } = p
    hold(s, config, p, record)
    if (held) {
      if (held.lineage !== record.lineage && !rules.waitersKeepTheirLineage) report(s, "P5: served another lineage's tokens")
      return finish(turn)
    }
  }
  if (record?.ended && p.held) p.held = { ...p.held, ended: 1 }
  return goOn(turn)
}

/** Decides upon what is held now. */
function goOn(turn: Turn) {
  const { p, refresh } = turn
  if (!p.held || isOver(p.held)) return finish(turn)
  if (refresh.at === AT.look) {
    refresh.at = AT.lock
    return
  }
  refresh.lineage = p.held.lineage
  refresh.generation = p.held.generation
  refresh.order = p.held.order
  refresh.at = turn.rules.intent === 'none' ? AT.lease : AT.intent
}

function rewrite({ s, p, refresh }: Turn, trouble: Trouble) {
  if (p.held) swap(s, p.held, refresh.version, trouble)
  refresh.at = refresh.locked ? AT.again : AT.look
}

/** Step 4. */
function writeIntent(turn: Turn, trouble: Trouble) {
  const { s, rules, p, refresh } = turn
  if (!p.held) return
  const storedBefore = s.highest[refresh.lineage] ?? 0
  const intent = { ...p.held, lineage: refresh.lineage, generation: refresh.generation, order: refresh.order, intent: 1 } as const
  const expected = rules.intent === 'blind' ? currentVersion(s) : refresh.version
  const outcome = swap(s, intent, expected, trouble)
  if (outcome === 'written') {
    refresh.version = currentVersion(s)
    refresh.storedAtIntent = storedBefore
  } else if (rules.intentMustSucceed) {
    if (outcome === 'error') return finish(turn)
    refresh.version = NO_ROW
    refresh.at = AT.again
    return
  }
  refresh.at = rules.leaseIsLookedAt ? AT.lease : AT.send
}

/** Step 5. The lease was lost; its holder gives it back all the same. */
function tryAgain({ s, rules, i, refresh }: Turn) {
  unlock(s, rules, i, refresh.locked)
  Object.assign(refresh, newRefresh(), { at: AT.lock })
}

/** Step 6. */
function send(turn: Turn) {
  const { s, rules, p, i, refresh } = turn
  if (rules.memoryIsLookedAt && (p.held?.lineage !== refresh.lineage || knowsSpent(p, refresh))) {
    finish(turn)
    return
  }
  checkSend(s, p, refresh, turn.config.excuses)
  refresh.at = AT.answer
  refresh.reply = REPLY.underWay
  s.sends.push({ lineage: refresh.lineage, generation: refresh.generation, lost: refresh.silent ? LOST.silent : LOST.not })
  if (!rules.lockIsKept) unlock(s, rules, i, refresh.locked)
}

/** Whether the next step of a refresh can be made now. */
export function canAdvance(s: State, refresh: Refresh): boolean {
  if (refresh.at === AT.lock) return s.owner === FREE
  return refresh.at !== AT.answer || refresh.reply >= REPLY.pair
}
