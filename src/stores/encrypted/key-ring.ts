import { typeName } from '../../core/check-options.ts'

const WHERE = 'encryptedStore'
/** Of a key for AES-256. */
const KEY_BYTES = 32

/** Gives the key of an id; `undefined` if there is none. Each is copied now, and imported when it is first needed. */
export type KeyRing = (id: string) => Promise<CryptoKey> | undefined

/** @throws TypeError when a key is not 32 bytes, there is none to `use`, or WebCrypto is missing. */
export function keyRing(keys: Readonly<Record<string, Uint8Array>>, use: string): KeyRing {
  if (!globalThis.crypto?.subtle) throw new TypeError(`${WHERE}: WebCrypto is missing (a page has it on https and localhost only)`)
  const copies = new Map(Object.entries(keys).map(([id, key]) => [id, copyOf(id, key)]))
  if (!copies.has(use)) {
    throw new TypeError(
      `${WHERE}: option 'use': expected the id of one of the keys (${[...copies.keys()].join(', ') || 'there is none'}), got ${use}`,
    )
  }
  const imported = new Map<string, Promise<CryptoKey>>()
  return (id) => {
    const copy = copies.get(id)
    if (!copy) return undefined
    const known = imported.get(id)
    if (known) return known
    const key = crypto.subtle.importKey('raw', copy, 'AES-GCM', false, ['encrypt', 'decrypt'])
    imported.set(id, key)
    // What failed once may work the next time. Who asked for it is told.
    key.catch(() => imported.delete(id))
    return key
  }
}

function copyOf(id: string, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const what = `${WHERE}: option 'keys': expected ${KEY_BYTES} bytes (Uint8Array) for ${JSON.stringify(id)}`
  // Not by instanceof: the test environments of jest have a Uint8Array of their own.
  if (Object.prototype.toString.call(key) !== '[object Uint8Array]') throw new TypeError(`${what}, got ${typeName(key)}`)
  if (key.length !== KEY_BYTES) throw new TypeError(`${what}, got ${key.length}`)
  if (!id || !isWellFormed(id)) throw new TypeError(`${WHERE}: option 'keys': expected ids that are not empty and well-formed Unicode`)
  return Uint8Array.from(key)
}

/** Half of a surrogate pair cannot be escaped. */
function isWellFormed(text: string): boolean {
  try {
    return encodeURIComponent(text) !== ''
  } catch {
    return false
  }
}
