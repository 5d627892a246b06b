import { amount, megabytes, named, table } from './format.ts'
import { linePlot } from './line-plot.ts'
import { OURS, type Results } from './results.ts'
import { logScale } from './scale.ts'
import type { Section } from './section.ts'

const LABELS: Readonly<Record<string, readonly string[]>> = {
  'hand-written map of all tokens': ['hand-written map', 'of all tokens'],
  'axios-auth-refresh, an instance an account': ['axios-auth-refresh,', 'an instance each'],
}

/** Our own goal for an idle session, in bytes. */
const BAR = 700

/** Memory by accounts. */
export function memorySection({ memory: { accounts, cap, mostInstances, lanes, perIdleSession } }: Results): Section {
  const scale = logScale(
    lanes.flatMap(({ heap }) => heap.flatMap((bytes) => (bytes === undefined ? [] : [bytes / 2 ** 20]))),
    [1, 2, 5],
    [1],
  )
  const last = (name: string) => lanes.find((lane) => lane.name === name)?.heap.at(-1) ?? Number.NaN
  const [most = 0, ours] = [accounts.at(-1), last(OURS)]
  const [map = Number.NaN] = lanes.flatMap(({ name, heap }) => (name.includes('map') ? [heap.at(-1)] : []))
  return {
    heading: 'Memory by accounts',
    intro: `One process uses one account after the other, each once, with tokens as long as those of Mercado Pago. The heap after a full garbage collection, less what it was
before. The pool of axios-renew keeps ${amount(cap)} idle sessions here (\`maxIdleSessions\`); what is beyond is read from the store at its next use.`,
    plot: linePlot({
      name: 'memory',
      alt: `Heap by number of accounts, both on logarithmic scales. At ${amount(most)} accounts the pool of axios-renew takes ${megabytes(ours)} MB, a map of all tokens ${megabytes(map)} MB.`,
      title: ['Heap by number of accounts', 'MB (log scale), less is better'],
      x: { values: accounts, title: 'accounts', base: 10 },
      y: { ...scale, text: String },
      lines: lanes.map(({ name, heap }) => ({
        label: LABELS[name] ?? [name],
        ours: name === OURS,
        points: heap.flatMap((bytes, i) => (bytes === undefined ? [] : [{ x: accounts[i] ?? 0, y: bytes / 2 ** 20 }])),
      })),
    }),
    tables: [
      table(
        ['MB of heap', ...accounts.map((count) => `${amount(count)} accounts`)],
        lanes.map(({ name, heap }) => [
          named(name),
          ...accounts.map((_, i) => {
            const bytes = heap[i]
            return bytes === undefined ? 'not tried' : megabytes(bytes)
          }),
        ]),
      ),
    ],
    notes: [
      `An idle session takes ${amount(Math.round(perIdleSession))} bytes; our own goal is ${BAR} at most: ${perIdleSession <= BAR ? 'met' : '**missed in this run**'}.`,
      'The map is not the same work: it never forgets, knows nothing of other processes and refreshes nothing. It is what a back end with everything in memory has.',
      `The other libraries know one session, so that each account needs an axios instance with its interceptors; that was tried up to ${amount(mostInstances)} accounts. axios-auth-refresh stands for them.`,
    ],
  }
}
