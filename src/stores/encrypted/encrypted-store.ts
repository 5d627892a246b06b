import { checkOptions, expectType } from '../../core/check-options.ts'
import { checkRecord, dueAt, unreadable } from '../../core/store/record.ts'
import type { SessionRecord, StoredRecord, TokenStore } from '../../core/store/token-store.ts'
import type { TokenSet } from '../../core/tokens/token-set.ts'
import { isEnvelope, keyIdOf, open, seal } from './envelope.ts'
import { keyRing } from './key-ring.ts'

/** What {@link encryptedStore} needs. */
export interface EncryptedStoreOptions {
  /** The keys by their ids: 32 bytes each, at random. Those that are not in use any more still decrypt. */
  keys: Readonly<Record<string, Uint8Array>>
  /** The id of the key that encrypts. */
  use: string
}

/**
 * Wraps a store, so that it never sees a token: `tokens` are encrypted by AES-256-GCM (WebCrypto), and only when
 * they expire can still be read, for `due`. Account, generation, lineage, that time and the id of the key are part of what is
 * authenticated: a row that was copied to another place, or edited, does not decrypt.
 *
 * To rotate keys, first give every process the new key in `keys`, then name it in `use`; take the old one away when
 * every pair has been written again. To encrypt what stands in the clear, read it by the bare store, and write it by
 * this one with the version that was read.
 *
 * Whoever can write to the inner store cannot read or forge tokens. But they can put an old row back, delete rows, and
 * sign accounts out.
 *
 * @param store where the encrypted records are kept. Its locks, `due` and `watch` are used as they are.
 * @throws TypeError when a key is not 32 bytes, `use` names none, or WebCrypto is missing (pages have it on https only).
 * `read` rejects with a `StoreError` (`ERR_STORE_UNAVAILABLE`) for what cannot be decrypted: stored in the clear, with a
 * key that is not in `keys`, for another account, or altered. Such a record is not written over.
 *
 * @example
 * const key = Buffer.from(process.env.TOKEN_KEY, 'base64') // made by: openssl rand -base64 32
 * const store = encryptedStore(fileStore('tokens.json'), { keys: { '2026-01': key }, use: '2026-01' })
 */
export function encryptedStore(store: TokenStore, options: EncryptedStoreOptions): TokenStore {
  const { keys, use } = checkOptions('encryptedStore', options, { keys: 'object!', use: 'string!' })
  expectType('encryptedStore: the store', store, 'object')
  const keyOf = keyRing(keys, use)

  async function decrypt(account: string, stored: StoredRecord): Promise<StoredRecord> {
    const record = checkRecord(stored.record, account)
    if (!record.tokens) return stored
    const { accessToken } = record.tokens
    if (!isEnvelope(accessToken)) throw unreadable(account, 'it is not encrypted')
    const id = keyIdOf(accessToken)
    const key = keyOf(id)
    if (!key) throw unreadable(account, `it is encrypted with the key ${JSON.stringify(id)}, which is not in 'keys'`)
    const tokens = await open(accessToken, await key, context(account, record, id))
    if (tokens) return { ...stored, record: { ...record, tokens } }
    throw unreadable(
      account,
      `the key ${JSON.stringify(id)} does not decrypt it (is it the same key? was the record stored for another account, or altered?)`,
    )
  }

  async function encrypt(account: string, record: SessionRecord): Promise<SessionRecord> {
    const { tokens } = record
    const key = keyOf(use)
    if (!tokens || !key) return record
    const inner: TokenSet = { accessToken: '' }
    const expiresAt = dueAt({ ...record, endedAt: undefined })
    if (expiresAt !== undefined) inner.expiresAt = expiresAt
    const sealed = { ...record, tokens: inner }
    inner.accessToken = await seal(tokens, use, await key, context(account, sealed, use))
    return sealed
  }

  const encrypted: TokenStore = {
    async read(account) {
      const stored = await store.read(account)
      return stored && decrypt(account, stored)
    },
    // A copy: it takes a moment to encrypt, and the caller may change the record meanwhile.
    write: async (account, record, expected) => store.write(account, await encrypt(account, structuredClone(record)), expected),
    lock: (account, work, lockOptions) => store.lock(account, work, lockOptions),
  }
  // A store that lacks one of these must not seem to have it.
  for (const name of ['due', 'watch', 'onDegraded'] as const) {
    if (store[name]) Object.assign(encrypted, { [name]: store[name].bind(store) })
  }
  return encrypted
}

/** What a ciphertext belongs to; no two of these spell the same. */
function context(account: string, { generation, lineage, tokens }: SessionRecord, keyId: string): string {
  return JSON.stringify([keyId, account, generation, lineage, tokens?.expiresAt ?? null])
}
