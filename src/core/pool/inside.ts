import type { Register } from './register.ts'

/** Where clients find the inside of a pool, also across the ESM and CommonJS copies. */
export const REGISTER = Symbol.for('axios-renew.register')

/** Gives the inside of a pool; `undefined` if it is none. */
export function registerOf(pool: unknown): Register | undefined {
  return Object(pool)[REGISTER]
}
