import { hide } from './auth-error.ts'

/**
 * Makes properties that may hold a token or a secret (the request as sent, its configuration, raw
 * bodies) invisible to `inspect`, `JSON.stringify` and error reporters. Code can still read them.
 */
export function conceal(target: unknown, ...keys: string[]): void {
  for (const key of keys) {
    if (Object(target) === target && Object.hasOwn(target as object, key))
      hide(target as object, key, (target as Record<string, unknown>)[key])
  }
}
