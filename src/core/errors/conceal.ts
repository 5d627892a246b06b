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

/** Where clients and drivers of databases put what was sent, and what came back. */
const CONTENT =
  'config,request,response,options,data,body,command,query,sql,detail,where,parameters,params,args,values,bindings,meta'.split(',')

/**
 * The error of a token request, or of `save`, holds tokens: in its configuration, its request or its body. So may
 * what caused it, and the errors of an `AggregateError`. What cannot be changed is left as it is.
 */
export function concealSecrets(error: unknown, seen: Set<unknown> = new Set()): void {
  if (seen.has(error) || Object(error) !== error) return
  seen.add(error)
  try {
    conceal(error, ...CONTENT)
    if ('toJSON' in (error as object)) hide(error as object, 'toJSON', summary)
    const { cause, errors } = error as AggregateError
    for (const inner of [cause].concat(errors)) concealSecrets(inner, seen)
  } catch {
    // A getter, or a proxy, that throws: it is not for this that somebody waits.
  }
}

/** What is left of an axios error when its configuration must not be printed. */
function summary(this: Error & { code?: unknown; status?: unknown }) {
  const { name, message, code, status } = this
  return { name, message, code, status }
}
