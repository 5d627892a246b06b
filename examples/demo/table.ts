import type { Result } from './contest.ts'
import type { Paint, Tone } from './paint.ts'

interface Row {
  label: string
  cell(result: Result): string | number
  /** Whether that is as it should be; absent where there is nothing to judge. */
  good?(result: Result): boolean
}

const ROWS: readonly Row[] = [
  { label: 'requests', cell: ({ requests }) => requests },
  { label: 'succeeded', cell: ({ succeeded }) => succeeded, good: ({ failed }) => failed === 0 },
  { label: 'failed', cell: ({ failed }) => failed, good: ({ failed }) => failed === 0 },
  { label: '401s seen', cell: ({ unauthorized }) => unauthorized },
  { label: 'token requests', cell: ({ tokenRequests }) => tokenRequests, good: ({ tokenRequests }) => tokenRequests === 1 },
  { label: 'spent refresh tokens sent again', cell: ({ reused }) => reused, good: ({ reused }) => reused === 0 },
  {
    label: "the seller's grant",
    cell: ({ grantAlive }) => (grantAlive ? 'alive' : 'revoked'),
    good: ({ grantAlive }) => grantAlive,
  },
]

const LABEL_WIDTH = 36
const CELL_WIDTH = 14

/** The results side by side, a line for each row. */
export function table(results: Readonly<Record<string, Result>>, paint: Paint): string[] {
  const line = (label: string, cells: string[]) => `  ${label}`.padEnd(LABEL_WIDTH) + cells.join('')
  const cell = (tone: Tone, value: string | number) => paint(tone, String(value).padStart(CELL_WIDTH))
  const names = Object.keys(results)
  return [
    line(
      '',
      names.map((name) => cell('title', name)),
    ),
    paint('quiet', `  ${'─'.repeat(LABEL_WIDTH + CELL_WIDTH * names.length - 2)}`),
    ...ROWS.map(({ label, cell: value, good }) => {
      const tone = (result: Result): Tone => (good ? (good(result) ? 'good' : 'bad') : 'plain')
      return line(
        label,
        Object.values(results).map((result) => cell(tone(result), value(result))),
      )
    }),
  ]
}
