import type { Plot } from './draw.ts'

/** A part of the page. */
export interface Section {
  heading: string
  /** What was done, before the plot. */
  intro: string
  plot: Plot
  tables: readonly string[]
  /** What the numbers say, and what they do not. */
  notes: readonly string[]
}
