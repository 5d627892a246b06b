import { FONT, LETTERS } from './style.ts'

/** A text at a place: its left end, its middle or its right end. */
export function letters(
  x: number,
  y: number,
  text: string,
  fill: string,
  { align = 'left', bold = false, halo }: { align?: 'left' | 'center' | 'right'; bold?: boolean; halo?: string } = {},
) {
  const style = { text, fill, align, fontSize: LETTERS.label, fontFamily: FONT, fontWeight: bold ? ('bold' as const) : ('normal' as const) }
  // Over a line it stays readable.
  return { type: 'text' as const, x, y, z: 10, style: halo ? { ...style, stroke: halo, lineWidth: 6 } : style }
}

/** A line between two places. */
export function stroke(x1: number, y1: number, x2: number, y2: number, colour: string, lineWidth: number, lineDash?: number[]) {
  return { type: 'line' as const, z: 5, shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth, lineDash } }
}
