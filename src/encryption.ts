export { type EncryptedStoreOptions, encryptedStore } from './stores/encrypted/encrypted-store.ts'
