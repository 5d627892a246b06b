import type { Contestant } from '../clients/contestant.ts'
import type { LabState } from '../servers/lab.ts'
import type { LaneCounters } from '../servers/lane.ts'
import { byId, make, setText } from './elements.ts'

const ROWS: readonly { name: keyof LaneCounters; words: string; good?: (count: number) => boolean }[] = [
  { name: 'unauthorized', words: 'Requests refused with 401' },
  { name: 'ok', words: 'Requests answered with 200' },
  { name: 'tokenRequests', words: 'Token requests' },
  { name: 'reused', words: 'Spent refresh tokens sent again', good: (count) => count === 0 },
  { name: 'grantsLost', words: 'Grants revoked because of that', good: (count) => count === 0 },
]

/** Shows what the servers say, and what the contestant believes. */
export function showFacts({ trouble, lanes }: LabState, contestant: Contestant): void {
  const standing = contestant.standing()
  setText('standing', standing === 'unsure' ? '…' : standing)
  setText('pair', describePair(contestant, lanes[contestant.name].goodPairs))
  setText('server', trouble.cut ? 'cut off' : trouble.slow ? 'takes 3 s' : 'answers in 0.15 s')
  byId('slow').setAttribute('aria-pressed', String(trouble.slow))
  byId('cut').setAttribute('aria-pressed', String(trouble.cut))
  byId('sign-in').classList.toggle('wanted', standing === 'ended' || standing === 'signed out')
  byId('counters').replaceChildren(...ROWS.map((row) => counterRow(row, lanes)))
}

function describePair(contestant: Contestant, goodPairs: readonly number[]): string {
  const pair = contestant.pair()
  if (pair === undefined) return 'no tokens'
  return `pair ${pair}, ${goodPairs.includes(pair) ? 'accepted' : 'no longer accepted'}`
}

function counterRow({ name, words, good }: (typeof ROWS)[number], lanes: LabState['lanes']): Element {
  const head = make('th', words)
  head.setAttribute('scope', 'row')
  const cells = (['ours', 'by-hand'] as const).map((who) => {
    const count = lanes[who].counters[name]
    const cell = make('td', String(count))
    if (good) cell.className = good(count) ? 'good' : 'bad'
    cell.dataset.counter = `${who} ${name}`
    return cell
  })
  return make('tr', head, ...cells)
}
