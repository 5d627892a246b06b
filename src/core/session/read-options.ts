import { checkOptions, expectType, type OptionTypes } from '../check-options.ts'
import { systemClock } from '../clock.ts'
import { ignore } from '../wait.ts'
import type { SessionConfig, SessionOptions } from './config.ts'

const COMMON: OptionTypes = {
  refresh: 'function!',
  load: 'function',
  save: 'function',
  store: 'object',
  refreshAheadMs: 'number',
  minValidityMs: 'number',
  refreshTimeoutMs: 'number',
  shouldRefresh: 'function',
  client: 'string',
  revoke: 'function',
  onSaveFailure: "'serve'|'reject'",
  onStoreFailure: "'reject'|'proceed'",
  waitUntil: 'function',
  clock: 'object',
}

/**
 * Checks the options of a session, or a pool, and fills in the defaults.
 *
 * @param where the function's name, for messages.
 * @param own the options that only this function has.
 */
export function readOptions<Options extends Omit<SessionOptions, 'account'>>(
  where: string,
  options: Options,
  own: OptionTypes,
): Options & Pick<SessionConfig, 'refreshTimeoutMs' | 'clock'> {
  const given = checkOptions(where, options, { ...COMMON, ...own })
  const config = { refreshTimeoutMs: 30_000, clock: systemClock, ...given }
  const { store, load, save, clock } = config
  const { now, setTimeout, clearTimeout } = clock
  const { read, write, lock, due = ignore, watch = ignore, onDegraded = ignore } = store ?? {}
  const parts = { clock: { now, setTimeout, clearTimeout }, ...(store && { store: { read, write, lock, due, watch, onDegraded } }) }
  for (const [name, functions] of Object.entries(parts))
    for (const [part, value] of Object.entries(functions)) expectType(`${where}: option '${name}.${part}'`, value, 'function')
  // Leases are made of it.
  if (store && !(config.refreshTimeoutMs > 0 && Number.isFinite(config.refreshTimeoutMs)))
    throw new TypeError(
      `${where}: option 'refreshTimeoutMs': expected a finite number above 0 with a store, got ${config.refreshTimeoutMs}`,
    )
  if (store && (load || save)) throw new TypeError(`${where}: expected either 'store', or 'load' and 'save', got both`)
  return config
}
