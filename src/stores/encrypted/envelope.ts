import type { TokenSet } from '../../core/tokens/token-set.ts'

/** Begins every envelope: what it is, and in which format. */
const FORMAT = 'axios-renew:1'
/** Of the initialisation vector; what NIST SP 800-38D recommends for GCM. */
const IV_BYTES = 12

/** `axios-renew:1:<key id>:<iv>:<ciphertext>`, the last two in base64url. `context` is authenticated, not contained. */
export async function seal(tokens: TokenSet, keyId: string, key: CryptoKey, context: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const ciphertext = await crypto.subtle.encrypt(algorithm(iv, context), key, new TextEncoder().encode(JSON.stringify(tokens)))
  return [FORMAT, encodeURIComponent(keyId), toBase64Url(iv), toBase64Url(new Uint8Array(ciphertext))].join(':')
}

/** Gives the tokens; `undefined` when it was not sealed with this key and in this context, or is not whole. */
export async function open(envelope: string, key: CryptoKey, context: string): Promise<TokenSet | undefined> {
  const [, , , iv = '', ciphertext = ''] = envelope.split(':')
  try {
    const plaintext = await crypto.subtle.decrypt(algorithm(fromBase64Url(iv), context), key, fromBase64Url(ciphertext))
    return JSON.parse(new TextDecoder().decode(plaintext))
  } catch {
    // What is wrong is not told: it could say something of the content.
    return undefined
  }
}

export function isEnvelope(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(`${FORMAT}:`) && text.split(':').length === 5
}

/** Names the key that an envelope needs. */
export function keyIdOf(envelope: string): string {
  const [, , id = ''] = envelope.split(':')
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`${FORMAT}:${context}`) }
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}
