import { PENDING } from './fate.ts'

/** A number with its noun: `1 refresh`, `2 refreshes`. */
export function counted(n: number | string, one: string, many = `${one}s`): string {
  return `${n} ${String(n) === '1' ? one : many}`
}

/** Token requests, counted. */
export function refreshes(n: number | string): string {
  return counted(n, 'refresh', 'refreshes')
}

/** A fate, where whoever still waits waits for ever. */
export function deadLock(fate: string): string {
  return fate === PENDING ? 'dead-lock' : fate
}
