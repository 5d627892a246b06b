import { type EChartsOption, init } from 'echarts'
import { FONT, LETTERS, type Theme, WIDTH } from './style.ts'

/** A picture of results. */
export interface Plot {
  /** Of its files. */
  name: string
  /** What it shows, and the result, for those who do not see it. */
  alt: string
  /** Above it, one line a text. */
  title: readonly string[]
  height: number
  option(theme: Theme): EChartsOption
}

/** Where a plot begins, under its title. */
export function topOf({ title }: Pick<Plot, 'title'>): number {
  return 26 + title.length * 38
}

/** Draws it as SVG. */
export function draw(plot: Plot, theme: Theme): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: plot.height })
  const title = plot.title.map((text, line) => ({
    text,
    left: 12,
    top: 12 + line * 38,
    padding: 0,
    textStyle:
      line === 0
        ? { fontSize: LETTERS.title, fontWeight: 'bold' as const, color: theme.text }
        : { fontSize: LETTERS.label, fontWeight: 'normal' as const, color: theme.quiet },
  }))
  chart.setOption({ animation: false, backgroundColor: theme.background, textStyle: { fontFamily: FONT }, title, ...plot.option(theme) })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${withoutPointers(svg)}\n`
}

/** Nobody can point at anything in an image; the numbers of classes differ from run to run. */
function withoutPointers(svg: string): string {
  return svg
    .replaceAll(/ pointer-events="visible"| class="zr\d+-cls-\d+"| xmlns:xlink="[^"]*"/g, '')
    .replace(/<style ?>[\s\S]*?<\/style>\s*/, '')
}
