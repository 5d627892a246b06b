/** What text in PostgreSQL cannot hold, or would hold as one and the same: NUL and halves of characters. */
const NOT_TEXT = /[\\\0]|\p{Surrogate}/gu

/** How an account is stored: as it is, but for characters that need escaping (and the backslash, for that). */
export function keyOf(account: string): string {
  return account.replace(NOT_TEXT, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The account of a key. */
export function accountOf(key: string): string {
  return key.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/**
 * A short name for a text: 53 bits of it (cyrb53), in hex. Notifications carry it in place of the account, which may
 * be long or an e-mail address. Two with the same name only wake each other up.
 */
export function shortName(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return ((b & 0x1fffff) * 2 ** 32 + (a >>> 0)).toString(16)
}
