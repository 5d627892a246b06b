import type { Facts } from './scenarios/scenario.ts'

/** What one library did in one scenario. */
export interface Cell {
  right: boolean
  says: string
  facts: Facts
}

/** What was seen of every library in every scenario; the README's table is written from it. */
export interface Comparison {
  versions: Record<string, string>
  rows: { id: string; title: string; cells: Record<string, Cell> }[]
}
