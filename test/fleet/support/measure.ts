/** A number that a test has measured, for whoever reads its output. */
export function tell(text: string): void {
  process.stdout.write(`      ${text}\n`)
}

/** The value below which this share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  for (const started = Date.now(); !(await isSo()); await sleep(10)) {
    if (Date.now() - started > ms) throw new Error(`${what}: did not happen within ${ms} ms`)
  }
}

/** Adds up what several processes tell. */
export function total(tallies: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const tally of tallies) for (const [key, count] of Object.entries(tally)) sum[key] = (sum[key] ?? 0) + count
  return sum
}
