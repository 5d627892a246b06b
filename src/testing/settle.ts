/** Fixed now: a test may put fake timers in the place of the global ones. */
const { setImmediate, setTimeout } = globalThis

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => void (setImmediate ?? setTimeout)(resolve))
}
