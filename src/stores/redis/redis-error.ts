import { StoreError } from '../../core/errors/store-error.ts'

/**
 * The error for a command that failed. Of what the client threw it keeps the message, the name and the code: ioredis
 * hangs the arguments of the command on its errors, and those are tokens.
 */
export function redisError([command, , ...values]: readonly string[], error: unknown): StoreError {
  const { name, code, message } = Object(error)
  // Redis quotes the arguments of what it does not know, cut off anywhere; a proxy may quote in its own way.
  const said = String(message || code || error)
    .replace(/,? with args .*/s, '')
    .replace(/[^\s'"`\\,:;{}[\]()]{4,}/g, (word) => (values.some((value) => value.includes(word)) ? '...' : word))
  const cause = Object.assign(new Error(said), typeof code === 'string' && { code })
  if (typeof name === 'string') Object.defineProperty(cause, 'name', { value: name })
  return new StoreError('ERR_STORE_UNAVAILABLE', `${command?.toUpperCase()} failed at Redis: ${said}`, cause)
}

/** Whether Redis has answered with this kind of error, say 'NOSCRIPT'. */
export function isReply(error: unknown, kind: string): boolean {
  return String(Object(Object(error).cause).message).startsWith(`${kind} `)
}
