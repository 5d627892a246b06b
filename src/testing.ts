export { type TestStoreOptions, testStore } from './testing/test-store.ts'
