/** Tells, whatever comes of it: a meter or a tracer that throws must not disturb a refresh, let alone lose its answer. */
export function quietly<T>(tell: () => T): T | undefined {
  try {
    return tell()
  } catch {
    return undefined
  }
}
