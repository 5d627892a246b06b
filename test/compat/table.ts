import type { Comparison } from './comparison.ts'

const BETWEEN_MARKS = /(?<=<!-- comparison: written by test\/compat -->\n)[\s\S]*?(?=<!-- comparison: end -->)/

/** The comparison as a Markdown table. */
export function comparisonTable({ versions, rows }: Comparison): string {
  const [ours = '', ...peers] = Object.keys(versions)
  const libraries = [ours, ...peers]
  const head = [' ', ours, ...peers.map((id) => `${id.replace(/, (.*)/, ', `$1`')} ${versions[id]}`)]
  const body = rows.map(({ title, cells }) => [
    title,
    ...libraries.map((id) => {
      const { right, says } = cells[id] ?? { right: false, says: '' }
      return `${right ? '✓' : '✗'} ${says}`
    }),
  ])
  return [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

/** The README with this table in the place of the one it has. */
export function withTable(readme: string, table: string): string {
  return readme.replace(BETWEEN_MARKS, table)
}
