/** A moment by two clocks: one may be turned, the other stands still while a machine sleeps. */
export interface Moment {
  readonly wall: number
  readonly steady: number
}

/** This moment. */
export function moment(): Moment {
  return { wall: Date.now(), steady: performance.now() }
}

/** How long ago that was, in ms; by the clock that says more. */
export function since(then: Moment): number {
  return Math.max(Date.now() - then.wall, performance.now() - then.steady)
}
