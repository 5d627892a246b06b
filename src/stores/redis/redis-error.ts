/**
 * The error for a command that failed. Of what the client threw it keeps the message, the name and the code: ioredis
 * hangs the arguments of the command on its errors, and those are tokens. It is no `StoreError`, as that would say that a
 * record is there and cannot be read.
 */
export function redisError([command, , ...values]: readonly string[], error: unknown): Error {
  const { name, code, message } = Object(error)
  // Redis quotes the arguments of what it does not know, cut off anywhere; a proxy may quote in its own way.
  const said = String(message || code || error)
    .replace(/,? with args .*/s, '')
    .replace(/[^\s'"`\\,:;{}[\]()]{4,}/g, (word) => (values.some((value) => value.includes(word)) ? '...' : word))
  const failure = new Error(`${command?.toUpperCase()} failed at Redis: ${said}`)
  Object.defineProperty(failure, REPLY, { value: said })
  if (typeof name === 'string') Object.defineProperty(failure, 'name', { value: name })
  return Object.assign(failure, typeof code === 'string' && { code })
}

/** What Redis said, without what was asked. */
const REPLY = Symbol('reply')

/** Whether Redis has answered with this kind of error, say 'NOSCRIPT'. */
export function isReply(error: unknown, kind: string): boolean {
  return String(Object(error)[REPLY]).startsWith(`${kind} `)
}
