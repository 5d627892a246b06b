/**
 * Encrypts what any other store keeps.
 *
 * @module axios-renew/encryption
 */

export { type EncryptedStoreOptions, encryptedStore } from './stores/encrypted/encrypted-store.ts'
