import { hold, judge } from './adopt.ts'
import type { Step, System } from './explore.ts'
import { crash, fallSilent, giveUp, loseAnswer, rollBack, vanish } from './faults.ts'
import { keyOf } from './key.ts'
import { brokenAtEnd, FINDINGS } from './properties.ts'
import { advance, canAdvance, NAMES, WRITES } from './refresh.ts'
import type { Config } from './rules.ts'
import { advanceSigning, newSigning } from './signing.ts'
import { AT, copy, DEAD, FREE, initialState, type Process, REPLY, type State } from './state.ts'
import { answerOf, currentVersion, swap, tidyVersions, troubles } from './store.ts'
import { newRefresh } from './turn.ts'

type Change = (s: State) => void

/** Several processes, a store and an authorization server, and all that may happen to them. */
export function modelOf(config: Config): System<State> {
  return {
    initial: initialState(config),
    key: keyOf,
    broken: (s) => FINDINGS[s.broken - 1] ?? '',
    brokenAtEnd,
    steps: (s) => {
      const steps: Step<State>[] = []
      const add: Add = (label, change, optional = false) => {
        const next = copy(s)
        change(next)
        if (!config.countedVersions) tidyVersions(next)
        steps.push({ label, state: next, optional })
      }
      for (const i of s.processes.keys()) stepsOf(s, config, i, add)
      addServer(s, config, add)
      addFaults(s, config, add)
      if (steps.every((step) => step.optional)) addNews(s, config, add)
      return steps
    },
  }
}

type Add = (label: string, change: Change, optional?: boolean) => void

function at(s: State, i: number): Process {
  return s.processes[i] as Process
}

function stepsOf(s: State, config: Config, i: number, add: Add) {
  const { rules } = config
  const name = 'ABC'[i]
  const p = at(s, i)
  if (!p.refresh && p.needs) {
    add(`${name} looks`, (n) => {
      const q = at(n, i)
      q.needs--
      q.refresh = newRefresh()
      advance({ s: n, config, rules, p: q, i, refresh: q.refresh, isLate: false }, '')
    })
  }
  for (const part of ['refresh', 'late'] as const) {
    const refresh = p[part]
    if (!refresh || !canAdvance(s, refresh)) continue
    const isRefusal = refresh.at === AT.answer && refresh.reply === REPLY.refused
    for (const trouble of WRITES.includes(refresh.at) && !isRefusal ? troubles(s) : ['' as const]) {
      add(`${name} ${part === 'late' ? '(late) ' : ''}${NAMES[refresh.at]}${trouble && `: ${trouble}`}`, (n) => {
        const q = at(n, i)
        const own = q[part]
        if (own) advance({ s: n, config, rules, p: q, i, refresh: own, isLate: part === 'late' }, trouble)
      })
    }
  }
  if (p.refresh?.at === AT.lock && judge(rules, p, s.record) === 'adopt') {
    add(`${name} sees news while it waits`, (n) => {
      const { refresh } = at(n, i)
      if (refresh) refresh.at = AT.look
    })
  }
  addSigning(s, config, i, add)
}

function addSigning(s: State, config: Config, i: number, add: Add) {
  const name = 'ABC'[i]
  const { signing } = at(s, i)
  if (signing) {
    for (const trouble of signing.at === AT.write ? troubles(s) : ['' as const]) {
      const what = { [AT.read]: 'reads', [AT.write]: 'writes', [AT.revoke]: 'revokes' }[signing.at]
      add(`${name} signing ${signing.out ? 'out' : 'in'}: ${what}${trouble && `: ${trouble}`}`, (n) => {
        const q = at(n, i)
        if (q.signing) advanceSigning(n, config, q, q.signing, trouble)
      })
    }
    return
  }
  for (const [out, which] of [
    [0, 'signIn'],
    [1, 'signOut'],
  ] as const) {
    if (!s.left[which]) continue
    add(
      `${name} signing ${out ? 'out' : 'in'}: reads`,
      (n) => {
        const q = at(n, i)
        n.left[which]--
        q.signing = newSigning(out)
        advanceSigning(n, config, q, q.signing, '')
      },
      true,
    )
  }
}

function addServer(s: State, { reuse }: Config, add: Add) {
  s.processes.forEach((p, i) => {
    for (const part of ['refresh', 'late'] as const) {
      const refresh = p[part]
      if (refresh?.at !== AT.answer || refresh.reply !== REPLY.underWay) continue
      add(`server answers ${'ABC'[i]}`, (n) => {
        const own = at(n, i)[part]
        if (own) own.reply = answerOf(n, own, reuse) ? REPLY.pair : REPLY.refused
      })
    }
  })
  s.orphans.forEach((pair, k) => {
    add('server answers a process that crashed', (n) => {
      n.orphans.splice(k, 1)
      answerOf(n, pair, reuse)
    })
  })
}

function addFaults(s: State, { rules }: Config, addOne: Add) {
  const add = (label: string, change: Change) => addOne(label, change, true)
  const free: Change = (n) => {
    n.owner = FREE
  }
  if (s.owner === DEAD) addOne('the lease of the dead expires', free)
  if (s.left.silent && s.owner >= 0) add(`${'ABC'[s.owner]} is silent, its lease expires`, fallSilent)
  s.processes.forEach((p, i) => {
    const name = 'ABC'[i]
    if (s.left.crash && (p.held || p.refresh || p.signing)) add(`${name} crashes`, (n) => crash(n, at(n, i), i))
    if (p.refresh?.at !== AT.answer) return
    if (s.left.giveUp && !p.late) add(`${name} gives up waiting for the answer`, (n) => giveUp(n, rules, at(n, i), i))
    if (s.left.lostAnswer && p.refresh.reply >= REPLY.pair) add(`the answer to ${name} is lost`, (n) => loseAnswer(n, rules, at(n, i), i))
  })
  if (s.left.rollback) for (const k of s.history.keys()) add('the store falls back', (n) => rollBack(n, k))
  if (s.left.vanish && s.record) add('the row vanishes', vanish)
}

/** When all is quiet everybody still comes to see what is stored: the watcher, or the next use. */
function addNews(s: State, config: Config, add: Add) {
  const { rules } = config
  s.processes.forEach((p, i) => {
    const verdict = judge(rules, p, s.record)
    if (!p.held || (verdict !== 'adopt' && verdict !== 'rewrite')) return
    add(`${'ABC'[i]} sees the news`, (n) => {
      const q = at(n, i)
      if (verdict === 'adopt' && n.record) hold(n, config, q, n.record)
      else if (q.held) swap(n, q.held, currentVersion(n), '')
    })
  })
}
