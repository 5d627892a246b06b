import type { Range } from '../measure.ts'

/** `12,345` or `0.25`: about three digits. */
export function amount(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** `1.05 ×`. */
export function times(value: number): string {
  return `${value.toFixed(2)} ×`
}

/** `3` or `3 to 5`. */
export function span([least, most]: Range, text: (value: number) => string = amount): string {
  const [from, to] = [text(least), text(most)]
  return from === to ? from : `${from} to ${to}`
}

export function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}

export function megabytes(bytes: number): string {
  return amount(bytes / 2 ** 20)
}

/** `a, b and c`, or `nobody`. */
export function list(texts: readonly string[]): string {
  if (texts.length === 0) return 'nobody'
  return texts.length === 1 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
}

/** As Markdown; the first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i ? '---:' : '---'))), ...rows.map((cells) => line(cells))].join('\n')
}

/** This library's name stands out in tables. */
export function named(name: string): string {
  return name.startsWith('axios-renew') ? `**${name}**` : name
}
