import type { BarSeriesOption, EChartsOption } from 'echarts'
import type { Range } from '../measure.ts'
import { type Plot, topOf } from './draw.ts'
import { letters, stroke } from './marks.ts'
import { type Theme, WIDTH } from './style.ts'

/** A bar in each panel. */
export interface Row {
  name: string
  ours: boolean
  cells: readonly Cell[]
}

/** A bar. */
export interface Cell {
  value: number
  /** What is written behind it. */
  text: string
  /** A part that is added to it, in a lighter colour. */
  more?: number
  /** Half of the rounds lie between these. */
  middle?: Range
}

/** Bars, named above themselves, in one panel or in several side by side. */
export interface BarPlot extends Pick<Plot, 'name' | 'alt' | 'title'> {
  /** What each panel shows, if there are several. */
  panels: readonly { title?: string; max: number; share: number; line?: number }[]
  rows: readonly Row[]
}

const ROW = 80
const MARGIN = 14
/** Room for the text behind the longest bar. */
const TEXT = 126
const BAR = 28

/** Bars instead of a table where one glance should do. */
export function barPlot({ panels, rows, ...plot }: BarPlot): Plot {
  const titled = panels.some(({ title }) => title)
  const top = topOf(plot) + (titled ? 36 : 0)
  const height = top + rows.length * ROW + 12
  const lefts = panels.map((_, i) => MARGIN + panels.slice(0, i).reduce((sum, { share }) => sum + share, 0) * (WIDTH - MARGIN))
  const widths = panels.map(({ share }) => share * (WIDTH - MARGIN) - TEXT)
  return { ...plot, height, option }

  function option(theme: Theme): EChartsOption {
    const place = (panel: number, i: number, value: number) => ({
      x: (lefts[panel] ?? 0) + (value / (panels[panel]?.max ?? 1)) * (widths[panel] ?? 0),
      y: top + i * ROW + ROW / 2 + BAR / 2,
    })
    const halo = theme.background
    const names = rows.map(({ name, ours }, i) =>
      letters(MARGIN, top + i * ROW + 6, name, ours ? theme.ours : theme.text, { bold: ours, halo }),
    )
    const titles = panels.flatMap(({ title }, i) => (title ? [letters(lefts[i] ?? 0, top - 38, title, theme.quiet)] : []))
    const texts = rows.flatMap(({ cells }, i) =>
      cells.map(({ value, more = 0, middle, text }, panel) => {
        const { x, y } = place(panel, i, Math.max(value + more, middle?.[1] ?? 0))
        return letters(x + 10, y - 14, text, theme.text, { halo })
      }),
    )
    const whiskers = rows.flatMap(({ cells }, i) =>
      cells.flatMap(({ middle }, panel) => {
        if (!middle) return []
        const [from, to] = middle.map((value) => place(panel, i, value))
        return from && to ? [stroke(from.x, from.y, to.x, to.y, theme.text, 3)] : []
      }),
    )
    const lines = panels.flatMap(({ line }, panel) => {
      if (line === undefined) return []
      const { x } = place(panel, 0, line)
      return [{ ...stroke(x, top, x, height - 14, theme.quiet, 2, [6, 5]), z: 1 }]
    })
    return {
      grid: panels.map((_, i) => ({ left: lefts[i], width: widths[i], top: top + BAR / 2, height: rows.length * ROW })),
      xAxis: panels.map(({ max }, gridIndex) => ({ gridIndex, type: 'value', min: 0, max, show: false })),
      yAxis: panels.map((_, gridIndex) => ({
        gridIndex,
        type: 'category',
        inverse: true,
        show: false,
        data: rows.map(({ name }) => name),
      })),
      series: panels.flatMap((_, panel) => [
        series(
          panel,
          (cell) => cell?.value,
          (row) => (row.ours ? theme.ours : theme.other),
        ),
        series(
          panel,
          (cell) => cell?.more,
          (row) => (row.ours ? theme.lighter.ours : theme.lighter.other),
        ),
      ]),
      graphic: [...lines, ...names, ...titles, ...texts, ...whiskers],
    }
  }

  function series(panel: number, numberIn: (cell?: Cell) => number | undefined, colour: (row: Row) => string): BarSeriesOption {
    const data = rows.map((row) => ({ value: numberIn(row.cells[panel]) ?? '-', itemStyle: { color: colour(row) } }))
    return { type: 'bar', stack: `panel ${panel}`, xAxisIndex: panel, yAxisIndex: panel, barWidth: BAR, silent: true, data }
  }
}
