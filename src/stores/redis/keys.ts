/** Where a store keeps what. */
export interface Keys {
  /** `<version> <record as JSON>`. */
  record(account: string): string
  /** The owner of the lease. */
  lease(account: string): string
  /** A sorted set: accounts by the time when they are due. */
  due: string
  /** The channel on which the processes tell each other. */
  channel: string
}

/** The part in braces puts what belongs to one account on one node of a cluster. */
export function keysOf(prefix: string): Keys {
  return {
    record: (account) => `${prefix}:{${escapeAccount(account)}}:record`,
    lease: (account) => `${prefix}:{${escapeAccount(account)}}:lease`,
    due: `${prefix}:due`,
    channel: `${prefix}:news`,
  }
}

/** Names an account in ASCII, without braces, colons and blanks; no two accounts get one name. */
export function escapeAccount(account: string): string {
  // Redis takes empty braces for none. Half a surrogate pair has no UTF-8.
  if (account === '') return '%'
  return account.replace(/\p{Surrogate}|\P{Surrogate}+/gu, (part) =>
    /^\p{Surrogate}$/u.test(part) ? `%u${part.charCodeAt(0).toString(16)}` : encodeURIComponent(part),
  )
}

/** @throws URIError for what `escapeAccount` has not made. */
export function unescapeAccount(name: string): string {
  if (name === '%') return ''
  return name
    .split(/(%u[0-9a-f]{4})/)
    .map((part) => (part.startsWith('%u') ? String.fromCharCode(Number.parseInt(part.slice(2), 16)) : decodeURIComponent(part)))
    .join('')
}
