/** Between two moments in ms; a clock may have been turned back meanwhile. */
export function secondsBetween(startedAt: number, endedAt: number): number {
  return Math.max(0, endedAt - startedAt) / 1000
}
