import { endOf, type Recording, type Row, type TokenRequest } from '../recording/recording.ts'
import { cross, diamond, escapeText, type Kind, piece, round } from './shapes.ts'

/** How a waterfall is drawn. */
export interface WaterfallOptions {
  /** In pixels. */
  width: number
  /** The time now, while things still happen. Default: when the last thing happened. */
  until?: number
  /** What the right edge stands for at least, in ms. Default 600. */
  atLeastMs?: number
  /** How each group of rows is headed. */
  titles: Readonly<Record<string, string>>
  /** Groups that have their place before anything is sent, and how many rows each. */
  empty?: Readonly<Record<string, number>>
  /** Rows without a number or an outcome in words, for a still. */
  dense?: boolean
  /** Room for that many token requests at least, so that two drawings are level. */
  tokenRows?: number
}

/** A drawing without its `<svg>`. */
export interface Drawing {
  body: string
  height: number
}

const TITLE_HEIGHT = 22
/** The scale, and under it what is said of saved pairs. */
const AXIS_HEIGHT = 40
const SAVED_Y = 29

/** Draws what was recorded: a row for each token request and for each request, on one axis of time. */
export function waterfall(recording: Recording, options: WaterfallOptions): Drawing {
  const { width, titles, dense = false, atLeastMs = 600 } = options
  const end = options.until ?? endOf(recording)
  const [left, right] = dense ? [4, width - 12] : [22, width - 64]
  const span = Math.max(atLeastMs, end * 1.04)
  const x = (ms: number) => left + (ms / span) * (right - left)
  const row = dense ? { pitch: 7.6, bar: 5.8 } : { pitch: 15, bar: 11 }
  const parts: string[] = []
  let y = AXIS_HEIGHT

  const title = (text: string, tone = '') => {
    parts.push(`<text class="title ${tone}" x="0" y="${y + 15}" font-size="12.5">${escapeText(text)}</text>`)
    y += TITLE_HEIGHT
  }

  title(titles.tokens ?? 'token requests')
  // Many at once are thin: what counts is that they are many.
  const many = recording.tokenRequests.length > 6
  const thin = dense ? { pitch: 3.8, bar: 2.8 } : { pitch: 6, bar: 4.5 }
  const tokenRow = many ? thin : row
  for (const request of recording.tokenRequests) {
    parts.push(drawTokenRequest(request, { x, y, end, ...tokenRow, words: !many && !dense, right: width }))
    y += tokenRow.pitch
  }
  y = Math.max(y, AXIS_HEIGHT + TITLE_HEIGHT + Math.max(row.pitch, (options.tokenRows ?? 0) * thin.pitch))

  for (const [group, rows] of groupsOf(recording, options.empty)) {
    y += 4
    title(titles[group] ?? group)
    for (const [index, each] of rows.entries()) {
      if (!dense) parts.push(`<text class="quiet" x="16" y="${y + 10}" font-size="11" text-anchor="end">${index + 1}</text>`)
      const middle = round(y + row.bar / 2)
      parts.push(each ? drawRow(each, { x, y, end, bar: row.bar }) : `<path class="grid" d="M${left} ${middle}H${right}"/>`)
      if (!dense && each?.outcome) parts.push(drawOutcome(each.outcome, right + 8, y))
      y += row.pitch
    }
  }
  const height = Math.ceil(y + 6)
  return { body: [axis(span, x, height, width), ...saves(recording, x, height, width), ...parts].join(''), height }
}

/** The rows of each group; of a recording that is empty the places that they will have. */
function groupsOf({ rows }: Recording, empty: WaterfallOptions['empty'] = {}): Map<string, (Row | undefined)[]> {
  const groups = new Map<string, (Row | undefined)[]>()
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  if (rows.length === 0) for (const [group, count] of Object.entries(empty)) groups.set(group, Array(count).fill(undefined))
  return groups
}

interface Place {
  x: (ms: number) => number
  y: number
  end: number
  bar: number
}

function drawRow({ from, sends, outcome }: Row, { x, y, end, bar }: Place): string {
  const parts: string[] = []
  let last = from
  for (const [index, send] of sends.entries()) {
    if (send.from - last > 1) parts.push(piece('waiting', x(last), x(send.from), y, bar))
    last = send.to ?? end
    parts.push(piece(kindOf(send.to, send.status, index), x(send.from), x(last), y, bar))
  }
  const until = outcome?.at ?? end
  if (until - last > 1) parts.push(piece('waiting', x(last), x(until), y, bar))
  if (outcome && !outcome.ok) parts.push(cross(x(until) + bar / 2, y + bar / 2, bar))
  return parts.join('')
}

function kindOf(to: number | undefined, status: number | undefined, index: number): Kind {
  if (to === undefined) return 'pending'
  if (status === undefined || status >= 400) return 'refused'
  return index === 0 ? 'fine' : 'replayed'
}

function drawTokenRequest(
  { from, to, pair, failure }: TokenRequest,
  { x, y, end, bar, words, right }: Place & { words: boolean; right: number },
): string {
  const until = x(to ?? end)
  const body = piece(to === undefined ? 'pending' : 'refresh', x(from), until, y, bar)
  const failed = failure ? cross(until + bar / 2, y + bar / 2, bar) : ''
  const said = failure ?? (pair ? `pair ${pair}` : '')
  if (!words || !said) return body + failed
  // Where there is no room after it, the word stands before it.
  const fits = until + 90 < right
  const place = fits ? `x="${round(until + 14)}"` : `x="${round(x(from) - 6)}" text-anchor="end"`
  return `${body}${failed}<text class="${failure ? 'bad' : 'violet'}" ${place} y="${round(y + bar - 1)}" font-size="11.5">${escapeText(said)}</text>`
}

function drawOutcome({ ok, text }: NonNullable<Row['outcome']>, x: number, y: number): string {
  return `<text class="outcome ${ok ? 'quiet' : 'bad'}" x="${round(x)}" y="${y + 10}" font-size="11">${escapeText(SHORT[text] ?? text)}</text>`
}

/** What does not fit beside a row. */
const SHORT: Readonly<Record<string, string>> = {
  ERR_SESSION_ENDED: 'ended',
  ERR_SIGNED_OUT: 'signed out',
  ERR_REFRESH_FAILED: 'try later',
  ERR_REFRESH_UNCERTAIN: 'try later',
  ERR_NETWORK: 'no answer',
}

/** A line through everything when a pair is written: no pair is used to the left of its line. */
function saves({ saves, adopted }: Recording, x: (ms: number) => number, height: number, width: number): string[] {
  const lines = [
    ...saves.map(({ to, pair }) => ({ at: to, text: `pair ${pair} saved` })),
    ...adopted.map(({ at, pair }) => ({ at, text: `pair ${pair} of another tab` })),
  ]
  return lines.map(({ at, text }, index) => {
    if (at === undefined) return ''
    const line = `<path class="saved" d="M${round(x(at))} ${SAVED_Y}V${height - 4}"/>${diamond(x(at), SAVED_Y, 7)}`
    if (index > 0) return line
    const fits = x(at) + 110 < width
    const place = fits ? `x="${round(x(at) + 8)}"` : `x="${round(x(at) - 8)}" text-anchor="end"`
    return `${line}<text class="gold" ${place} y="${SAVED_Y + 4}" font-size="11.5">${text}</text>`
  })
}

const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000]

function axis(span: number, x: (ms: number) => number, height: number, width: number): string {
  const step = STEPS.find((each) => x(each) - x(0) > 64) ?? 20_000
  const parts: string[] = []
  for (let ms = 0; ms <= span; ms += step) {
    const at = round(x(ms))
    parts.push(`<path class="grid" d="M${at} 16V${height}"/>`)
    const words = step >= 1000 ? `${ms / 1000} s` : `${ms} ms`
    if (at + 24 > width) continue
    const anchor = ms === 0 ? 'start' : 'middle'
    parts.push(`<text class="quiet" x="${ms === 0 ? 0 : at}" y="11" font-size="11" text-anchor="${anchor}">${words}</text>`)
  }
  return parts.join('')
}
