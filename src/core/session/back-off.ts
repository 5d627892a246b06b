/**
 * How long to wait after the n-th failure in a row: doubling from 2 s to 60 s, less a random half, so
 * that a fleet does not come back in step.
 *
 * @param failures 1 after the first failure.
 * @returns ms.
 */
export function backOff(failures: number): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** failures) * (1 - Math.random() / 2))
}
