import type { Onlooker, Reading } from './contest.ts'
import type { Paint, Tone } from './paint.ts'

/** The servers' counters are looked at this often, in ms. */
const LOOK_MS = 2
/** What happens within this time goes into one line, in ms. */
const LINE_MS = 50
/** On a slow machine lines stand for more and more time, so that there are about 20 of them whatever it takes. */
const SHARE = 1 / 5
/** One mark of a bar stands for this many answers. */
const ANSWERS_PER_MARK = 3

/** A line in words. */
export interface Remark {
  text: string
  tone: Tone
}

/** A moment worth a line of its own. */
export interface Moment extends Remark {
  when(reading: Reading): boolean
}

/** What a timeline tells beside the numbers. */
export interface Story {
  opening: string
  /** In the order in which they come; each is told once. */
  moments: readonly Moment[]
  /** Told when the first new pair is on the disk. */
  written(reading: Reading): Remark
}

const COLUMNS: readonly { key: keyof Reading; title: string; tone?: Tone; mark?: string }[] = [
  { key: 'unauthorized', title: '401', tone: 'bad', mark: 'x' },
  { key: 'tokenRequests', title: 'refresh' },
  { key: 'replayed', title: 'replayed' },
  { key: 'ok', title: '200', tone: 'good', mark: '=' },
  { key: 'failed', title: 'failed', tone: 'bad' },
]

const HEADER = `${' '.repeat(10)}${COLUMNS.map(({ title }) => title.padStart(width(title))).join('')}   x: 401  =: 200`

/** Draws a contest while it runs: each line of numbers holds what has changed since the one before. */
export function createTimeline({ opening, moments, written }: Story, paint: Paint, print: (line: string) => void): Onlooker {
  const clock = createClock()
  let read: () => Reading = () => drawn
  let drawn = {} as Reading
  let due = LINE_MS
  let toCome = [...moments]
  let isWritten = false
  let timer: NodeJS.Timeout | undefined

  const tell = ({ tone, text }: Remark) => print(`${clock.stamp(paint)}  ${paint(tone, `> ${text}`)}`)

  function drawLine(): void {
    const reading = read()
    const line = changes(reading, drawn, paint)
    if (line) print(`${clock.stamp(paint)}${line}`)
    drawn = reading
    due = clock.elapsed() + Math.max(LINE_MS, clock.elapsed() * SHARE)
  }

  function look(): void {
    const reading = read()
    for (const moment of toCome.filter(({ when }) => when(reading))) tell(moment)
    toCome = toCome.filter(({ when }) => !when(reading))
    if (clock.elapsed() >= due) drawLine()
  }

  return {
    begin(source) {
      read = source
      drawn = source()
      clock.start()
      print(paint('quiet', HEADER))
      tell({ tone: 'plain', text: opening })
      timer = setInterval(look, LOOK_MS)
    },
    written() {
      look()
      if (!isWritten) tell(written(read()))
      isWritten = true
    },
    end() {
      clearInterval(timer)
      look()
      drawLine()
    },
  }
}

function createClock() {
  let startedAt = 0
  const elapsed = () => performance.now() - startedAt
  return {
    elapsed,
    start() {
      startedAt = performance.now()
    },
    stamp: (paint: Paint) => paint('quiet', `+${Math.round(elapsed())} ms`.padStart(10)),
  }
}

function width(title: string): number {
  return Math.max(4, title.length) + 2
}

/** What has changed, as numbers and as a bar; empty when nothing has. */
function changes(now: Reading, before: Reading, paint: Paint): string {
  const cells = COLUMNS.map(({ key, title, tone = 'plain', mark = '' }) => {
    const change = now[key] - before[key]
    return {
      number: paint(tone, String(change || '').padStart(width(title))),
      bar: paint(tone, mark.repeat(Math.ceil(change / ANSWERS_PER_MARK))),
      changed: change > 0,
    }
  })
  if (!cells.some(({ changed }) => changed)) return ''
  return `${cells.map(({ number }) => number).join('')}   ${cells.map(({ bar }) => bar).join('')}`.trimEnd()
}
