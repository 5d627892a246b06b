/** A logarithmic axis. */
export interface LogScale {
  min: number
  max: number
  log: true
  ticks: readonly number[]
}

/**
 * The scale that holds these values and ends at a step.
 *
 * @param steps where it may end, from 1 up to 10.
 * @param marked those of them that are written at it.
 */
export function logScale(values: readonly number[], steps: readonly number[], marked: readonly number[] = steps): LogScale {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  const decades = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const all = (of: readonly number[]) => decades.flatMap((decade) => of.map((step) => Number((step * 10 ** decade).toPrecision(3))))
  const ends = all(steps)
  const min = Math.max(...ends.filter((end) => end <= least))
  const max = Math.min(...ends.filter((end) => end >= most))
  return { min, max, log: true, ticks: all(marked).filter((tick) => tick >= min && tick <= max) }
}
