/** Less is over before a busy store has answered, in ms. */
const LEAST_MS = 100

/**
 * Checks the option `leaseMs` of a store.
 *
 * @param where the store's name, for the message.
 * @throws TypeError for what cannot be meant: seconds, for example.
 */
export function checkLease(where: string, leaseMs: number | undefined): void {
  if (leaseMs === undefined || (leaseMs >= LEAST_MS && Number.isFinite(leaseMs))) return
  throw new TypeError(`${where}: option 'leaseMs': expected milliseconds, at least ${LEAST_MS} and finite, got ${leaseMs}`)
}
