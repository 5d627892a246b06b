/** What a piece of a waterfall stands for. */
export type Kind = 'fine' | 'refused' | 'waiting' | 'replayed' | 'refresh' | 'saved' | 'failed' | 'pending'

/** Each kind in words, in the order in which they happen. Beside its colour each has a pattern of its own. */
export const LEGEND: readonly (readonly [Kind, string])[] = [
  ['fine', 'sent, 200'],
  ['refused', 'sent, 401'],
  ['waiting', 'waiting'],
  ['refresh', 'token request'],
  ['saved', 'new pair saved'],
  ['replayed', 'sent again, 200'],
  ['failed', 'failed'],
  ['pending', 'on its way'],
]

/** The patterns, for a drawing's `<defs>`. They have the same names in every drawing, and look the same. */
export const PATTERNS = [
  pattern('refused', 5, '<path d="M-1 6 6 -1M-1 1 1 -1M4 6 6 4" class="hatch"/>'),
  pattern('refresh', 4, '<circle cx="2" cy="2" r=".8" class="dot"/>'),
].join('')

/** How shapes look; the colours come as custom properties. */
export const SHAPE_STYLE = [
  '.fine{fill:var(--fine)}.refused{fill:var(--refused)}.replayed{fill:var(--replayed)}.refresh{fill:var(--refresh)}',
  '.hatch{stroke:var(--panel);stroke-width:1.3;fill:none}.dot{fill:var(--panel)}',
  '.waiting{stroke:var(--waiting);stroke-width:1.5;stroke-dasharray:2 3;fill:none}',
  '.pending{stroke:var(--waiting);stroke-width:1.2;fill:none}',
  '.saved{stroke:var(--saved);stroke-width:1.5;stroke-dasharray:6 3;fill:none}.diamond{fill:var(--saved)}',
  '.failed{stroke:var(--refused);stroke-width:1.8;fill:none}',
  '.grid{stroke:var(--line);stroke-width:1;fill:none}',
  'text{fill:var(--text);stroke:var(--panel);stroke-width:3;paint-order:stroke;font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}',
  '.quiet{fill:var(--quiet)}.bad{fill:var(--refused)}.title{font-weight:650}.gold{fill:var(--saved)}.violet{fill:var(--refresh)}',
].join('')

function pattern(name: string, size: number, inside: string): string {
  return `<pattern id="over-${name}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${inside}</pattern>`
}

/** Draws a piece from `x` to `to`, in a row of that height whose top is `y`. */
export function piece(kind: Kind, x: number, to: number, y: number, height: number): string {
  const width = Math.max(2, to - x)
  const middle = y + height / 2
  const at = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}"`
  if (kind === 'waiting') return `<path class="waiting" d="M${round(x)} ${round(middle)}H${round(to)}"/>`
  if (kind === 'failed') return cross(x, middle, height)
  if (kind === 'saved') return diamond(x, middle, height)
  if (kind === 'pending') return `<rect class="pending" ${at} rx="1.5"/>`
  const body = `<rect class="${kind}" ${at} rx="1.5"/>`
  if (kind === 'fine') return body
  if (kind === 'replayed') return `${body}<path class="hatch" d="M${round(x)} ${round(middle)}h${round(width)}"/>`
  return `${body}<rect fill="url(#over-${kind})" ${at}/>`
}

/** An end without success. */
export function cross(x: number, middle: number, height: number): string {
  const half = height / 2 - 1
  const [left, right, top, bottom] = [x - half, x + half, middle - half, middle + half].map(round)
  return `<path class="failed" d="M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}"/>`
}

/** A pair that is written. */
export function diamond(x: number, middle: number, height: number): string {
  const half = round(height / 2 + 0.5)
  return `<path class="diamond" d="M${round(x)} ${round(middle - half)}l${half} ${half} -${half} ${half} -${half} -${half}z"/>`
}

/** Drawings are small when numbers are short. */
export const round = (value: number): number => Math.round(value * 10) / 10

/** For texts and attributes of a drawing. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
