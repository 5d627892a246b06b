import { BURST } from '../clients/burst.ts'
import { LEGEND, PATTERNS, piece, SHAPE_STYLE } from '../drawing/shapes.ts'
import { waterfall } from '../drawing/waterfall.ts'
import { SERVICES } from '../names.ts'
import type { Recorder } from '../recording/recorder.ts'
import { isOver } from '../recording/recording.ts'
import { inWords, tell } from '../recording/summary.ts'
import { byId, make } from './elements.ts'

const TITLES = {
  tokens: 'authorization server',
  payments: 'payments, axios instance 1',
  orders: 'orders, axios instance 2',
  customers: 'customers, axios instance 3',
}

const EMPTY = Object.fromEntries(SERVICES.map((service) => [service, BURST / SERVICES.length]))

/** How often the drawing follows what happens, in ms. */
const FRAME_MS = 50
const CALM_FRAME_MS = 500

/** Draws what a recorder holds, now and while it grows. */
export interface Chart {
  /** Draws it, and again and again until all its requests are over. */
  follow(recorder: Recorder): void
  /** Draws what it follows as it is now: what happened last may have come after the last frame. */
  redraw(): void
}

/**
 * Makes the drawing and its legend.
 *
 * @param onWords is told what happens while it happens.
 */
export function createChart(onWords: (text: string) => void): Chart {
  const chart = byId('chart')
  chart.before(definitions())
  byId('legend').append(...LEGEND.map(([kind, words]) => legendEntry(kind, words)))
  let shown: Recorder | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  function draw({ recording, now }: Recorder): void {
    const over = isOver(recording)
    const width = Math.floor(chart.clientWidth)
    const { body, height } = waterfall(recording, { width, titles: TITLES, empty: EMPTY, until: over ? undefined : now() })
    const label = recording.rows.length === 0 ? 'Nothing has been sent yet.' : tell(recording)
    chart.innerHTML = `<svg width="${width}" height="${height}" role="img">${body}</svg>`
    chart.firstElementChild?.setAttribute('aria-label', `Waterfall. ${label}`)
    byId('words').replaceChildren(...(over ? inWords(recording).map((line) => make('li', line)) : []))
    if (over) clearInterval(timer)
    else onWords(label)
  }

  function redraw(): void {
    if (shown) draw(shown)
  }

  new ResizeObserver(redraw).observe(chart)

  return {
    follow(recorder) {
      shown = recorder
      clearInterval(timer)
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
      timer = setInterval(() => draw(recorder), calm ? CALM_FRAME_MS : FRAME_MS)
      redraw()
    },
    redraw,
  }
}

/** Patterns and styles, once for all drawings of the page. */
function definitions(): Element {
  const holder = make('div')
  holder.innerHTML = `<svg class="definitions" aria-hidden="true"><defs>${PATTERNS}</defs><style>${SHAPE_STYLE}</style></svg>`
  return holder
}

function legendEntry(...[kind, words]: (typeof LEGEND)[number]): Element {
  const entry = make('li')
  const x = kind === 'saved' || kind === 'failed' ? 12 : 1
  entry.innerHTML = `<svg width="24" height="12" aria-hidden="true">${piece(kind, x, 23, 1, 10)}</svg>`
  entry.append(words)
  return entry
}
