import type { Jitter } from '../courses.ts'
import type { Environment } from '../environment.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Result } from '../measure.ts'
import type { Memory } from '../memory/memory.ts'
import type { RaceReport } from '../report.ts'
import type { Size } from '../size.ts'

/** Everything that one run has measured. */
export interface Results {
  environment: Environment
  /** How long the run took. */
  seconds: number
  bursts: readonly RaceReport[]
  jitter: RaceReport & Jitter
  /** The same over one instance. */
  oneInstance: RaceReport & Jitter
  expired: RaceReport & Jitter
  fastPath: RaceReport
  sizes: readonly Size[]
  memory: Memory
  fleet: Fleet
}

/** The name of this library, in every list. */
export const OURS = 'axios-renew'

/** Of one that took part. */
export function resultOf({ results, title }: RaceReport, name: string): Result {
  const result = results.find((each) => each.name === name)
  if (!result) throw new Error(`${name} did not take part in: ${title}`)
  return result
}
