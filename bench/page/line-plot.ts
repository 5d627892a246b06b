import type { EChartsOption } from 'echarts'
import type { Range } from '../measure.ts'
import { type Plot, topOf } from './draw.ts'
import { letters, stroke } from './marks.ts'
import { SHAPES, type Theme, WIDTH } from './style.ts'

/** A line with its name at its end. */
export interface Line {
  /** One text a line. */
  label: readonly string[]
  ours: boolean
  points: readonly Point[]
  /** Another line of the same colour is beside it. */
  dashed?: boolean
}

/** A point of a line, and between which values half of the rounds, or all of them, lie. */
export interface Point {
  x: number
  y: number
  spread?: Range
}

/** Lines over a logarithmic axis. */
export interface LinePlot extends Pick<Plot, 'name' | 'alt' | 'title'> {
  x: { values: readonly number[]; title: string; base: number; below?: (value: number) => string }
  y: { min: number; max: number; log: boolean; ticks: readonly number[]; text: (value: number) => string }
  lines: readonly Line[]
}

const LEFT = 92
/** Room for names. */
const RIGHT = 290
const PLOT = 400
const LINE_HEIGHT = 31

/** Shows how something grows. */
export function linePlot({ x, y, lines, ...plot }: LinePlot): Plot {
  const top = topOf(plot) + 14
  const height = top + PLOT + (x.below ? 130 : 98)
  const width = WIDTH - LEFT - RIGHT
  const [firstX = 1, lastX = 1] = [x.values[0], x.values.at(-1)]
  const share = (value: number, from: number, to: number, log: boolean) =>
    log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from)
  const placeX = (value: number) => LEFT + share(value, firstX, lastX, true) * width
  const placeY = (value: number) => top + PLOT - share(value, y.min, y.max, y.log) * PLOT
  return { ...plot, height, option }

  function option(theme: Theme): EChartsOption {
    const colours = coloursOf(theme)
    const shapes = forEach(SHAPES[0], SHAPES.slice(1))
    const ticksX = x.values.map((value) => letters(placeX(value), top + PLOT + 14, short(value), theme.quiet, { align: 'center' }))
    const below = x.values.map((value) => letters(placeX(value), top + PLOT + 46, x.below?.(value) ?? '', theme.quiet, { align: 'center' }))
    const ticksY = y.ticks.flatMap((value) => [
      letters(LEFT - 16, placeY(value) - 14, y.text(value), theme.quiet, { align: 'right' }),
      { ...stroke(LEFT, placeY(value), WIDTH - RIGHT, placeY(value), theme.grid, 1.5), z: 0 },
    ])
    const titleX = letters(LEFT + width / 2, height - 46, x.title, theme.quiet, { align: 'center' })
    return {
      grid: { left: LEFT, right: RIGHT, top, height: PLOT },
      xAxis: { type: 'log', logBase: x.base, min: firstX, max: lastX, show: false },
      yAxis: { type: y.log ? 'log' : 'value', min: y.min, max: y.max, show: false },
      series: lines.map(({ points, dashed }, i) => ({
        type: 'line',
        data: points.map((point) => [point.x, point.y]),
        symbol: shapes[i],
        symbolSize: 16,
        silent: true,
        z: lines[i]?.ours ? 4 : 3,
        clip: false,
        itemStyle: { color: colours[i] },
        lineStyle: { color: colours[i], width: 4, type: dashed ? 'dashed' : 'solid' },
      })),
      graphic: [...ticksX, ...below, ...ticksY, titleX, ...spreads(colours), ...names(theme, colours)],
    }
  }

  function coloursOf(theme: Theme): string[] {
    return forEach(theme.ours, theme.others)
  }

  /** One thing for this library, and a thing for each of the others. */
  function forEach<Thing>(ours: Thing, others: readonly Thing[]): Thing[] {
    let count = 0
    return lines.map((line) => (line.ours ? ours : (others[count++ % others.length] ?? ours)))
  }

  function spreads(colours: readonly string[]) {
    return lines.flatMap(({ points }, i) =>
      points.flatMap(({ x: at, spread }) => {
        if (!spread || spread[0] === spread[1]) return []
        const [low, high] = [placeY(Math.max(spread[0], y.min)), placeY(Math.min(spread[1], y.max))]
        const colour = colours[i] ?? ''
        return [
          stroke(placeX(at), low, placeX(at), high, colour, 2.5),
          ...[low, high].map((edge) => stroke(placeX(at) - 9, edge, placeX(at) + 9, edge, colour, 2.5)),
        ]
      }),
    )
  }

  /** Beside the ends of the lines, moved apart where they would lie on each other. */
  function names(theme: Theme, colours: readonly string[]) {
    const ends = lines.map(({ label, points }, i) => {
      const end = points.at(-1) ?? { x: firstX, y: y.min }
      return { i, x: placeX(end.x), wanted: placeY(end.y), height: label.length * LINE_HEIGHT }
    })
    const tops = apart(
      ends.map(({ wanted, height }) => ({ wanted: wanted - height / 2, height })),
      top + PLOT + 6,
    )
    return ends.flatMap(({ i, x: at, wanted, height }, k) => {
      const [from, name] = [tops[k] ?? 0, lines[i]]
      const middle = from + height / 2
      return [
        { ...stroke(at + 10, wanted, WIDTH - RIGHT + 28, middle, colours[i] ?? '', 1.5), z: 1 },
        ...(name?.label ?? []).map((text, n) =>
          letters(WIDTH - RIGHT + 34, from + n * LINE_HEIGHT + 2, text, name?.ours ? theme.ours : theme.text, { bold: name?.ours }),
        ),
      ]
    })
  }
}

/** Moves boxes down, and then up again from the bottom, until none lies on another. */
function apart(boxes: readonly { wanted: number; height: number }[], bottom: number): number[] {
  const order = boxes.map((_, i) => i).sort((a, b) => (boxes[a]?.wanted ?? 0) - (boxes[b]?.wanted ?? 0))
  const tops = boxes.map(({ wanted }) => wanted)
  let free = Number.NEGATIVE_INFINITY
  for (const i of order) {
    tops[i] = Math.max(tops[i] ?? 0, free)
    free = (tops[i] ?? 0) + (boxes[i]?.height ?? 0) + 6
  }
  let limit = bottom
  for (const i of order.reverse()) {
    tops[i] = Math.min(tops[i] ?? 0, limit - (boxes[i]?.height ?? 0))
    limit = (tops[i] ?? 0) - 6
  }
  return tops
}

/** `200K`. */
function short(value: number): string {
  return value.toLocaleString('en', { notation: 'compact' })
}
